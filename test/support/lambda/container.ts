import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type InvocationEnd, type RuntimeApi, startRuntimeApi } from "./runtime-api.ts";

export interface ContainerSettings {
  /** The unpacked package. */
  readonly folder: string;
  /** What the function's configuration sets; what the platform sets comes on top. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds of one invocation; default 30,000, as in infra/serverless.yml. */
  readonly timeoutMs?: number;
  /** Milliseconds after which INIT is cut off; the platform's are 10,000. */
  readonly initMs?: number;
  /** Told what the function writes, as it comes. */
  readonly onLog?: (text: string) => void;
  /** File and export; default that of the query function. */
  readonly handler?: string;
  /** Program that runs inside, with its arguments; default Node with the stand-in for its runtime. */
  readonly command?: readonly [string, ...string[]];
}

/** One execution environment: a process that is frozen between invocations. */
export interface Container {
  /** How INIT ended. After a time-out or an error it is repeated inside the first invocation. */
  readonly init: "ready" | "timed out" | "failed";
  /** Milliseconds from the start of the process to the end of INIT. */
  readonly initTookMs: number;
  readonly pid: number;
  /** Frozen (SIGSTOP) before and after. @param onPiece told of what a streaming function writes, as it comes. */
  invoke(event: unknown, onPiece?: (piece: Buffer) => void): Promise<InvocationEnd>;
  /** Resolves once it is frozen: after the answer, and after what its extension had to do. Only then does the platform take it away. */
  frozen(): Promise<void>;
  /** As a crash: SIGKILL. The next invocation starts a new process. */
  kill(): Promise<void>;
  /** All that the function wrote, INIT included. */
  log(): string;
  stop(): Promise<void>;
}

interface Running {
  readonly process: ChildProcess;
  readonly api: RuntimeApi;
  readonly exited: Promise<unknown>;
}

const runtime = join(import.meta.dirname, "runtime.mjs");

/** What the platform puts into the environment of a function; nothing of this machine's own is passed on. */
export function platformEnvironment(address: string, folder: string, handler: string): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: address,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: folder,
    AWS_LAMBDA_FUNCTION_NAME: "rag-query-api-local-query",
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    // AWS's own client for the Runtime API ends every invocation where these two are missing.
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/rag-query-api-local-query",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[1]0123456789abcdef0123456789abcdef",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "ASIALOCAL",
    AWS_SECRET_ACCESS_KEY: "local-secret-access-key",
    AWS_SESSION_TOKEN: "local-session-token",
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
  };
}

export async function startContainer(settings: ContainerSettings): Promise<Container> {
  const { timeoutMs = 30_000, initMs = 10_000, folder } = settings;
  const [command, ...parameters] = settings.command ?? [process.execPath, runtime];
  let log = "";

  async function start(): Promise<Running> {
    const api = await startRuntimeApi();
    const child = spawn(command, parameters, {
      cwd: folder,
      env: {
        ...platformEnvironment(api.address, folder, settings.handler ?? "lambda.handler"),
        ...settings.environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        settings.onLog?.(text);
      });
    }
    return { process: child, api, exited: once(child, "exit") };
  }

  async function end({ process: child, api, exited }: Running): Promise<void> {
    child.kill("SIGKILL");
    await exited;
    await api.close();
  }

  /** Resolves to how the wait ended: the runtime is ready, said that it failed, died, or the time was over. */
  async function untilReady({ api, exited }: Running, milliseconds: number): Promise<Container["init"]> {
    const ended = new AbortController();
    const timer = sleep(milliseconds, "timed out" as const, { signal: ended.signal }).catch(() => "failed" as const);
    const ready = api.initialised.then(
      () => "ready" as const,
      () => "failed" as const,
    );
    const outcome = await Promise.race([ready, timer, exited.then(() => "failed" as const)]);
    ended.abort();
    return outcome;
  }

  /** Stops the process as soon as it has nothing to do, or notes that it is gone. */
  async function freeze({ process: child, api, exited }: Running): Promise<void> {
    await Promise.race([api.waiting(), exited]);
    child.kill("SIGSTOP");
  }

  const startedAt = performance.now();
  let running: Running | undefined = await start();
  const init = await untilReady(running, initMs);
  const initTookMs = performance.now() - startedAt;
  let frozen = Promise.resolve();
  if (init === "ready") frozen = freeze(running);
  else {
    await end(running);
    running = undefined;
  }

  async function invoke(event: unknown, onPiece?: (piece: Buffer) => void): Promise<InvocationEnd> {
    const deadline = Date.now() + timeoutMs;
    if (running === undefined) {
      running = await start();
      const again = await untilReady(running, timeoutMs);
      if (again !== "ready") return await failed(again === "failed" ? "Runtime.ExitError" : "Sandbox.Timedout");
    }
    const { process: child, api, exited } = running;
    await frozen;
    child.kill("SIGCONT");
    const over = new AbortController();
    const tooLate = sleep(deadline - Date.now(), "late" as const, { signal: over.signal }).catch(() => "late" as const);
    const outcome = await Promise.race([
      api.invoke(event, deadline, onPiece),
      tooLate,
      exited.then(() => "exited" as const),
    ]);
    over.abort();
    if (outcome === "late") return await failed("Sandbox.Timedout");
    if (outcome === "exited") return await failed("Runtime.ExitError");
    frozen = freeze(running);
    return outcome;
  }

  async function failed(errorType: string): Promise<InvocationEnd> {
    await kill();
    return { kind: "error", errorType, errorMessage: `The function ended: ${errorType}` };
  }

  async function kill(): Promise<void> {
    const current = running;
    running = undefined;
    if (current !== undefined) await end(current);
    await frozen;
  }

  return {
    init,
    initTookMs,
    get pid() {
      return running?.process.pid ?? 0;
    },
    invoke,
    frozen: () => frozen,
    kill,
    log: () => log,
    stop: kill,
  };
}
