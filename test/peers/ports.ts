import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = anyPort();
    if (await take(port)) ports.push(port);
  }
  return ports;
}

/** First ports of free pairs: Weaviate takes the next port for the data beside gossip, and for RPC beside Raft. */
export async function freePairs(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = anyPort();
    if (!(await take(port))) continue;
    if (await take(port + 1)) ports.push(port);
    else giveBack(port);
  }
  return ports;
}

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): one of those may be taken
 * again between the moment it was found free and the moment its server starts.
 */
function anyPort(): number {
  return randomInt(12_000, 32_000);
}

/** A file for each port that a process of ours has been given: test files run side by side, and a server does not listen at once. */
const folder = join(tmpdir(), "isthmus-ports");
const taken = new Set<number>();
process.on("exit", () => {
  for (const port of taken) giveBack(port);
  try {
    rmdirSync(folder);
  } catch {
    // Others are still at it, or nobody ever was.
  }
});

/** @returns false where somebody listens, or another process, or this one, has been given it. */
async function take(port: number): Promise<boolean> {
  if (!reserve(port)) return false;
  taken.add(port);
  const free = await isFree(port);
  if (!free) giveBack(port);
  return free;
}

function reserve(port: number): boolean {
  const file = join(folder, String(port));
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (isAlive(ownerOf(file))) return false;
    // Left by a process that was killed: the next one that draws it may have it.
    rmSync(file, { force: true });
    return false;
  }
}

function giveBack(port: number): void {
  taken.delete(port);
  rmSync(join(folder, String(port)), { force: true });
}

/** 0 where it cannot be told: the file is gone by now, or still empty. */
function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function isFree(port: number): Promise<boolean> {
  let server: Server | undefined;
  try {
    server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise<void>((resolve) => (server?.listening === true ? server.close(() => resolve()) : resolve()));
  }
}
