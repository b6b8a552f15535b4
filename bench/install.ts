import { spawn } from "node:child_process";
import { platform } from "node:os";
import { Unavailable } from "./unavailable.ts";

/**
 * Runs an installer to its end, without holding up the line that says so. What it writes goes to our stderr.
 *
 * @param advice what else somebody could do, for the message.
 * @throws Unavailable when it cannot be started or does not end with 0.
 */
export async function install(
  command: string,
  parameters: readonly string[],
  advice: string,
  folder?: string,
): Promise<void> {
  const reason = await new Promise<string | undefined>((resolve) => {
    const child = spawn(command, parameters, {
      stdio: ["ignore", 2, 2],
      // npm is a script there.
      shell: platform() === "win32" && command === "npm",
      ...(folder !== undefined && { cwd: folder }),
    });
    child.once("error", ({ message }) => resolve(message));
    child.once("exit", (code, signal) => resolve(code === 0 ? undefined : `it ended with ${code ?? signal}`));
  });
  if (reason === undefined) return;
  throw new Unavailable(`${command} ${parameters.join(" ")} failed (${reason}); its message stands above. ${advice}`);
}
