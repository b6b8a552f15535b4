import { closingAll } from "../closing.ts";
import type { Command, Invocation } from "../command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { aborted } from "./serve.ts";
import { createMcpServices } from "./serving.ts";
import { runtimeOf, settingsOf, storeHelp, storeOption } from "./shared.ts";

export const mcpCommand: Command = {
  name: "mcp",
  summary: "serve assistants over stdio, by the Model Context Protocol",
  usage: "mcp [options]",
  options: { ...storeOption },
  optionHelp: { ...storeHelp },
  examples: ["isthmus mcp", "claude mcp add isthmus -- npx isthmus mcp"],
  positionals: [0, 0],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const settings = settingsOf(invocation);
  return await interruptible(output, "Stopping…", (signal) =>
    closingAll(async (closing) => {
      const runtime = await runtimeOf(invocation, settings, signal);
      closing.add(() => runtime.close());
      const { services, close } = createMcpServices(runtime, output);
      closing.add(close);
      const [{ serveStdio }, { createMcpServer }, { createStdio }] = await Promise.all([
        import("@modelcontextprotocol/server/stdio"),
        import("../../http/mcp/server.ts"),
        import("../../http/mcp/stdio.ts"),
      ]);
      const ended = new AbortController();
      // The one who started it closes the pipe to end it.
      const transport = createStdio(() => ended.abort());
      const handle = serveStdio(() => createMcpServer(services), {
        transport,
        onerror: (error) => output.note(`isthmus: ${error.message}`),
      });
      closing.add(async () => {
        await transport.endAtOnce();
        await handle.close();
      });
      await aborted(AbortSignal.any([signal, ended.signal]));
      return 0;
    }),
  );
}
