import { type Command, type Invocation, textOption } from "../command.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { serve } from "./serving.ts";
import { runtimeOf, settingsOf } from "./shared.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "answer queries over HTTP from the index as it is",
  usage: "serve [options]",
  options: { port: { type: "string" }, host: { type: "string" } },
  optionHelp: {
    port: "port to listen on (PORT, default 3000; 0 picks a free one)",
    host: "address to listen on (HOST, default 127.0.0.1; others need ISTHMUS_API_KEYS)",
  },
  examples: ["isthmus serve --port 8080"],
  positionals: [0, 0],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const settings = settingsOf(invocation, {
    PORT: textOption(invocation, "port"),
    HOST: textOption(invocation, "host"),
  });
  const interrupt = listenForInterrupt(() => output.note("\nStopping…"));
  const runtime = await runtimeOf(invocation, settings, interrupt.signal);
  try {
    const serving = await serve(runtime, output);
    try {
      output.data({ url: serving.url });
      output.line(`Serving ${serving.url} (Ctrl-C stops)`);
      await aborted(interrupt.signal);
      return 0;
    } finally {
      await serving.close();
    }
  } finally {
    await runtime.close();
    interrupt.stop();
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
