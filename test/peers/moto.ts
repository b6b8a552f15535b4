import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { startProgram } from "./process.ts";
import { pythonBinary, pythonPrograms } from "./python.ts";

/** AWS as moto plays it. It is faithful where it keeps values; its CloudFormation changes resources in another order than AWS's. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

export function motoMissing(): string | false {
  return pythonBinary(pythonPrograms.moto).skip;
}

export async function startMoto(): Promise<Moto> {
  const { path = "" } = pythonBinary(pythonPrograms.moto);
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "isthmus-moto-"));
  const program = await startProgram({
    name: "moto",
    command: path,
    args: ["-H", "127.0.0.1", "-p", `${port}`],
    environment: { PATH: process.env["PATH"] ?? "", HOME: folder },
    folder,
    ready: async () => (await fetch(`${url}/moto-api/`)).ok,
  });
  return {
    url,
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
