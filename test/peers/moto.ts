import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePorts } from "./ports.ts";
import { startProgram } from "./process.ts";
import { pythonBinary, pythonPrograms } from "./python.ts";

/**
 * AWS as moto plays it, with the parts that moto/server.py adds to its CloudFormation. It is faithful where it keeps values: it refuses next to
 * nothing, makes nothing of the types that it does not know, and rolls nothing back.
 */
export interface Moto {
  readonly url: string;
  /** What programs of AWS need to call it, and nothing of this machine's own. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * @param target an action of a JSON protocol, or "METHOD /path" of a REST one.
   * @throws with what it answered, where that is an error.
   */
  // biome-ignore lint/suspicious/noExplicitAny: answers are as many as there are actions.
  call(service: string, target: string, body?: object): Promise<any>;
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
    command: join(dirname(path), "python"),
    args: [join(import.meta.dirname, "moto/server.py"), "-H", "127.0.0.1", "-p", `${port}`],
    environment: { PATH: process.env["PATH"] ?? "", HOME: folder },
    folder,
    ready: async () => (await fetch(`${url}/moto-api/`)).ok,
  });
  const region = "us-east-1";
  return {
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    async call(service, target, body) {
      const [method = "", path] = target.split(" ");
      const authorization = `AWS4-HMAC-SHA256 Credential=nobody/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
      const text = body === undefined ? null : JSON.stringify(body);
      const response = await (path === undefined
        ? fetch(url, {
            method: "POST",
            headers: { authorization, "x-amz-target": target, "content-type": "application/x-amz-json-1.1" },
            body: text,
          })
        : fetch(`${url}${path}`, { method, headers: { authorization }, body: text }));
      const answer = await response.text();
      if (!response.ok) throw new Error(`${service} ${target}: ${response.status} ${answer}`);
      return answer.startsWith("{") ? JSON.parse(answer) : answer;
    },
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
