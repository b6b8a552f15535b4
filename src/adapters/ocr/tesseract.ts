import { spawn } from "node:child_process";
import { env } from "node:process";
import { IsthmusError } from "../../core/errors.ts";
import type { TextRecognizer } from "../../core/ports.ts";

export interface TesseractSettings {
  /** As tesseract names them, joined by +: `eng`, `deu+eng`. Their data must be installed. */
  readonly languages: string;
  /** For one picture. */
  readonly timeoutMs?: number;
}

// A page of 300 dots an inch takes some seconds.
const defaultTimeoutMs = 120_000;
const lackingLanguage = /failed loading language|couldn't load any languages/i;
const mostText = 16 * 1024 * 1024;

/**
 * Reads pictures by the machine's own tesseract, in a process of its own for each: a picture that breaks it breaks nothing
 * else. Of the environment it gets what it needs to be found and to find its data.
 */
export function createTesseract({ languages, timeoutMs = defaultTimeoutMs }: TesseractSettings): TextRecognizer {
  const environment = Object.fromEntries(
    ["PATH", "TESSDATA_PREFIX", "LANG", "SystemRoot"].flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  return {
    identity: `tesseract:${languages}`,
    recognize: (picture, signal) =>
      new Promise((resolve, reject) => {
        const child = spawn("tesseract", ["stdin", "stdout", "-l", languages], {
          // One thread each: pictures are read side by side, one for each document.
          env: { ...environment, OMP_THREAD_LIMIT: "1" },
          stdio: ["pipe", "pipe", "pipe"],
          ...(signal && { signal }),
        });
        // Not spawn's own: that one keeps the process alive where the child could not be started.
        const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
        const fail = (cause: unknown): void => {
          clearTimeout(timer);
          reject(failure(cause, languages, signal));
        };
        const parts: Buffer[] = [];
        let [length, complaint] = [0, ""];
        child.stdout.on("data", (part: Buffer) => {
          length += part.length;
          if (length > mostText) child.kill("SIGKILL");
          else parts.push(part);
        });
        child.stderr.on("data", (part: Buffer) => {
          complaint = (complaint + part.toString("utf8")).slice(-2000);
        });
        // It may end before it has read all.
        child.stdin.on("error", () => undefined);
        child.on("error", fail);
        child.on("close", (code) => {
          // With data for some of the languages it reads on without the others, which would be lost without a word.
          const isPartial = code === 0 && lackingLanguage.test(complaint);
          if (code !== 0 || isPartial) return fail(code === null ? "stopped" : complaint);
          clearTimeout(timer);
          resolve(Buffer.concat(parts).toString("utf8"));
        });
        child.stdin.end(picture);
      }),
  };
}

function failure(cause: unknown, languages: string, signal: AbortSignal | undefined): IsthmusError {
  if (signal?.aborted) return new IsthmusError("cancelled", "OCR was cancelled.", { cause: signal.reason });
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
    const message =
      "ISTHMUS_OCR is tesseract, but the program is not installed, or not on the PATH. Install it (tesseract-ocr), or turn ISTHMUS_OCR off.";
    return new IsthmusError("config_invalid", message, { cause });
  }
  if (typeof cause === "string" && lackingLanguage.test(cause)) {
    const lacking = [...cause.matchAll(/failed loading language '([\w/-]{1,40})'/gi)].map(([, one = ""]) => one);
    const first = lacking[0] ?? languages.split("+").at(-1);
    const message = `tesseract lacks the data of a language of ISTHMUS_OCR_LANGUAGES (${languages})${lacking.length > 0 ? `: ${lacking.join(", ")}` : ""}. Install it (tesseract-ocr-${first}, for example).`;
    return new IsthmusError("config_invalid", message);
  }
  if (cause === "stopped")
    return new IsthmusError("parse_limit", "OCR of a picture took too long, or gave too much text.");
  return new IsthmusError(
    "parse_failed",
    "OCR could not read a picture: it is damaged, or of a kind that tesseract does not know.",
  );
}
