import type { Parsed, Section } from "../../core/types.ts";
import { cleanText } from "./clean.ts";
import { decodeText, lostCharacters } from "./decode.ts";
import { wholeDocument } from "./document.ts";
import type { SandboxJob } from "./sandbox-protocol.ts";

interface Cue {
  /** Seconds from the beginning. */
  readonly start: number;
  readonly end: number;
  /** As they are shown; none is empty. */
  readonly lines: readonly string[];
}

// SRT writes 00:00:01,000 and WebVTT 00:01.000; files of either kind are found with the other's mark.
const clock = String.raw`(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?`;
const timing = new RegExp(String.raw`^\s*${clock}\s*-+>\s*${clock}(?:\s.*)?$`);

/** A section holds about this much of speech, so that a citation says where to listen. */
const secondsPerSection = 60;
/** A cue that begins this soon after another may go on with its lines. */
const repeatGapSeconds = 0.1;

function seconds(parts: readonly (string | undefined)[]): number {
  const [hours = "0", minutes = "0", whole = "0", fraction = "0"] = parts;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(whole) + Number(`0.${fraction}`);
}

function clockTime(time: number): string {
  const whole = Math.floor(time);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  lrm: "",
  rlm: "",
  quot: '"',
};

/** A line as it is shown: who speaks is told, styles, positions and karaoke times are not. */
function shownLine(line: string): string {
  return line
    .replace(/<rt>(.{1,200}?)<\/rt>/gi, "($1)")
    .replace(/<v(?:\.[^\s>]{0,100})?\s+([^>]{1,200})>/g, "$1: ")
    .replace(
      /<\/?(?:[biuscv]|ruby|rt|lang|font|c\.[^>]{0,200}|v\.[^>]{0,200})(?:[\s.][^>]{0,300})?>|<\d[\d:.]{3,20}>/gi,
      "",
    )
    .replace(/\{\\[^{}]{0,200}\}|\{[biu]\}|\{\/[biu]\}/gi, "")
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm|quot);/g, (_match, name: string) => entities[name] ?? "")
    .replace(/\\[Nh]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** The cues in the order of the file. Lines before the first timing, and notes and styles of WebVTT, are none. */
function cuesOf(text: string): Cue[] {
  const cues: Cue[] = [];
  const lines = text.split("\n");
  let open: { start: number; end: number; lines: string[] } | undefined;
  const close = (): void => {
    const shown = open?.lines.map(shownLine).filter((line) => line !== "") ?? [];
    if (open && shown.length > 0) cues.push({ ...open, lines: shown });
    open = undefined;
  };
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const match = timing.exec(line);
    if (match) {
      // The line above a timing is its number or its name, even where no blank line sets it off.
      const last = open?.lines.at(-1);
      if (open && last !== undefined && /^\d+$/.test(last.trim()) && (lines[index - 1] ?? "") === last)
        open.lines.pop();
      close();
      open = { start: seconds(match.slice(1, 5)), end: seconds(match.slice(5, 9)), lines: [] };
    } else if (line.trim() === "") {
      // A cue of SRT may hold a blank line: what follows is a new cue only if a number and a timing, or a timing, come next.
      if (open && !continues(lines, index)) close();
    } else open?.lines.push(line);
  }
  close();
  return cues;
}

function continues(lines: readonly string[], blank: number): boolean {
  let next = blank + 1;
  while (next < lines.length && next < blank + 4 && (lines[next] ?? "").trim() === "") next += 1;
  const [line = "", after = ""] = [lines[next], lines[next + 1]];
  if (line.trim() === "" || timing.test(line) || timing.test(after)) return false;
  return !/^(?:NOTE|STYLE|REGION)\b/.test(line);
}

/** Lines as running text; a speaker's dash begins a line of its own. */
function joined(lines: readonly string[]): string {
  return lines.reduce(
    (text, line) => (text === "" ? line : `${text}${/^[-–—]\s?\S/.test(line) ? "\n" : " "}${line}`),
    "",
  );
}

/** The lines of a cue that are new: live captions show the lines of the cue before again, above the next one. */
function freshLines(cue: Cue, before: Cue | undefined): readonly string[] {
  if (!before || cue.start > before.end + repeatGapSeconds) return cue.lines;
  for (let size = Math.min(cue.lines.length, before.lines.length); size > 0; size -= 1) {
    const shownBefore = before.lines.slice(-size);
    if (shownBefore.every((line, index) => line === cue.lines[index])) return cue.lines.slice(size);
  }
  return cue.lines;
}

/** The text of the speech with a section for each minute or so, whose heading is its time: `00:01:02 – 00:02:00`. */
function transcript(cues: readonly Cue[]): { text: string; sections: Section[] } {
  const sections: Section[] = [];
  let text = "";
  let group: { from: number; to: number; start: number } | undefined;
  let before: Cue | undefined;
  // Of what was said last, not of the whole text: that costs the square of its length.
  let endsSentence = false;
  const close = (): void => {
    if (group)
      sections.push({
        heading: `${clockTime(group.from)} – ${clockTime(group.to)}`,
        start: group.start,
        end: text.length,
      });
    group = undefined;
  };
  for (const cue of cues) {
    const shown = joined(freshLines(cue, before));
    before = cue;
    if (shown === "") continue;
    if (
      group &&
      cue.end - group.from > secondsPerSection &&
      (endsSentence || cue.end - group.from > 2 * secondsPerSection)
    )
      close();
    if (group) text += endsSentence || /^[-–—]\s?\S/.test(shown) ? "\n" : " ";
    else if (text !== "") text += "\n\n";
    group ??= { from: cue.start, to: cue.end, start: text.length };
    group.to = Math.max(group.to, cue.end);
    text += shown;
    endsSentence = /[.!?…。！？؟।]["'”’)\]]?$/.test(shown);
  }
  close();
  return { text, sections };
}

/** SRT and WebVTT: what is said, with its time. Runs in the sandbox. */
export async function readSubtitles(job: SandboxJob): Promise<readonly Parsed[]> {
  const decoded = await decodeText(job.bytes);
  const source = cleanText(decoded.text);
  const named = /^WEBVTT[ \t]+(?:-[ \t]*)?(\S[^\n]{0,200})/.exec(source)?.[1]?.trim();
  const document = wholeDocument(job.name, { title: named ?? job.fallbackTitle, ...transcript(cuesOf(source)) });
  const lost = lostCharacters(decoded);
  return lost ? [document, lost] : [document];
}
