import { styleText } from "node:util";
import type { IngestSummary } from "../../core/ingest-types.ts";

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/**
 * What a command writes: people's text and progress to stderr or stdout, data to stdout. With `--json` stdout carries one
 * JSON value and nothing else. Colours appear on terminals only, and not under NO_COLOR.
 */
export interface Output {
  readonly json: boolean;
  /** A line for people on stdout; silent with `--json`. */
  line(text?: string): void;
  /** Plain text for people on stderr, with `--json` too; what would steer the terminal is escaped, line breaks stay. */
  note(text: string): void;
  /** The command's result, with `--json` only. One value is all that stdout carries: a second one is not written. */
  data(value: unknown): void;
  style(style: Style | readonly Style[], text: string): string;
}

export function createOutput(json: boolean): Output {
  // Node lets FORCE_COLOR win over NO_COLOR; whoever sets NO_COLOR means it (https://no-color.org).
  let answered = false;
  const plain = (process.env["NO_COLOR"] ?? "") !== "";
  return {
    json,
    line(text = "") {
      if (!json) process.stdout.write(`${text}\n`);
    },
    note(text) {
      process.stderr.write(`${text.split("\n").map(visible).join("\n")}\n`);
    },
    data(value) {
      if (!json || answered) return;
      answered = true;
      process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    style(style, text) {
      if (plain) return text;
      return styleText([...(typeof style === "string" ? [style] : style)], text, { stream: process.stdout });
    },
  };
}

/** Milliseconds under a second; seconds with one decimal under ten, else whole; minutes from two on. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A whole number, its thousands apart: `12,345`. Intl would take ten milliseconds of every command to load. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

export function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A file URI as the path people know; other URIs as they are. Control characters are shown, never sent to the terminal. */
export function readable(uri: string): string {
  return visible(decoded(uri));
}

function decoded(uri: string): string {
  if (!uri.startsWith("file://")) return uri;
  try {
    return decodeURIComponent(uri.slice("file://".length));
  } catch {
    return uri;
  }
}

/**
 * Text from outside may hold characters that would steer the terminal (control characters) or turn its text around
 * (Unicode's directional ones): they are written as escapes.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : escaped;
  });
}

/** "3 added, 1 changed, 0 removed, 12 unchanged" and what else there was. */
export function summaryLine(summary: IngestSummary): string {
  const always = (["added", "changed", "removed", "unchanged"] as const).map(
    (key) => `${grouped(summary[key])} ${key}`,
  );
  const sometimes = (["failed", "skipped", "empty"] as const)
    .filter((key) => summary[key] > 0)
    .map((key) => `${grouped(summary[key])} ${key}`);
  // Bad records, parts and characters that could not be read, and files that should have held some text.
  const faults =
    summary.faults > 0 ? [`${grouped(summary.faults)} ${summary.faults === 1 ? "loss" : "losses"} told`] : [];
  const passed = summary.passedOver > 0 ? [`${count(summary.passedOver, "file")} inside others passed over`] : [];
  return `${[...always, ...sometimes, ...faults, ...passed].join(", ")} in ${duration(summary.tookMs)}`;
}
