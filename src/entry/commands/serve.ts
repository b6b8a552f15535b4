import { closingAll } from "../closing.ts";
import type { Command, Invocation } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { serve } from "./serving.ts";
import { overriding, runtimeOf, settingsOf, storeHelp, storeOption, tellIfOpen } from "./shared.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "answer queries over HTTP from the index as it is",
  usage: "serve [options]",
  options: { ...storeOption, port: { type: "string" }, host: { type: "string" } },
  optionHelp: {
    ...storeHelp,
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
    PORT: overriding(invocation, "port"),
    HOST: overriding(invocation, "host"),
  });
  const work = (signal: AbortSignal) =>
    closingAll(async (closing) => {
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const serving = await serve(runtime, output);
      closing.add(() => serving.close());
      await serving.ready();
      output.data({ url: serving.url });
      output.line(`Serving ${serving.url} (Ctrl-C stops)`);
      tellIfOpen(output, settings);
      await aborted(signal);
      return 0;
    });
  return await interruptible(output, "Stopping…", work);
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
