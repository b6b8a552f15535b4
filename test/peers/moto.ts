import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "./ports.ts";
import { startProgram } from "./process.ts";
import { pythonBinary, pythonPrograms } from "./python.ts";

/** AWS as moto plays it (test/peers/moto/server.py names what it lacks), with what Terraform would have made before the function. */
export interface Moto {
  readonly url: string;
  /** ARN of the secrets extension's layer. */
  readonly layer: string;
  /** AWS's own command line. */
  readonly cli: string;
  /** What a program needs to speak to it, and to nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** Calls AWS's command line. @returns what it answers, as JSON. */
  aws(...args: readonly string[]): Promise<unknown>;
  stop(): Promise<void>;
}

export function motoMissing(): string | false {
  return pythonBinary(pythonPrograms.moto).skip;
}

export async function startMoto(): Promise<Moto> {
  const { path = "" } = pythonBinary(pythonPrograms.moto);
  const cli = pythonBinary(pythonPrograms.awsCli).path ?? "";
  const python = join(dirname(path), "python");
  const scripts = join(import.meta.dirname, "moto");
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "isthmus-moto-"));
  const environment = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nothing",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    HOME: folder,
  };
  const program = await startProgram({
    name: "moto",
    command: python,
    args: [join(scripts, "server.py"), "-p", `${port}`],
    environment: { PATH: process.env["PATH"] ?? "", HOME: folder, PYTHONDONTWRITEBYTECODE: "1" },
    folder,
    ready: async () => (await fetch(`${url}/moto-api/`)).ok,
  });
  const run = promisify(execFile);
  try {
    const seeded = await run(python, [join(scripts, "seed.py"), url], { env: { PYTHONDONTWRITEBYTECODE: "1" } });
    return {
      url,
      layer: seeded.stdout.trim(),
      cli,
      environment,
      async aws(...args) {
        const { stdout } = await run(cli, [...args, "--output", "json"], {
          env: { PATH: process.env["PATH"] ?? "", ...environment },
        });
        return stdout === "" ? undefined : JSON.parse(stdout);
      },
      async stop() {
        await program.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await program.stop();
    throw error;
  }
}
