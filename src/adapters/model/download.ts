import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { IsthmusError } from "../../core/errors.ts";
import { retrying } from "../../core/retry.ts";
import type { HubFile } from "./hub.ts";
import { failed, get, retryPolicy, type Transfer } from "./transfer.ts";

/**
 * Downloads one file to `path`, by way of `path.partial`: what an earlier attempt or an earlier run left there is resumed.
 * A complete `path` is not fetched again.
 * @param onBytes the bytes of this file that are there so far; falls when a damaged part is thrown away.
 * @returns the SHA-256 of the content, hex.
 * @throws `model_fetch_failed`, also where the content does not match the checksum: then nothing of it is kept.
 */
export async function downloadFile(
  url: string,
  file: HubFile,
  path: string,
  transfer: Transfer,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const partial = `${path}.partial`;
  await mkdir(dirname(path), { recursive: true });
  if ((await sizeOf(path)) !== file.size) {
    await retrying(() => receiveAll(url, file, partial, transfer, onBytes), retryPolicy(transfer));
    await rename(partial, path);
  }
  const { matches, sha256 } = await check(path, file);
  if (matches) {
    onBytes(file.size);
    return sha256;
  }
  await rm(path, { force: true });
  onBytes(0);
  throw new IsthmusError(
    "model_fetch_failed",
    `${file.path} does not match the checksum that the hub declares for it; it was thrown away. Run \`isthmus model fetch\` again.`,
  );
}

/** Requests until the file is whole or a request brings nothing: only fruitless ones count as tries. */
async function receiveAll(...parameters: Parameters<typeof receive>): Promise<void> {
  const [, , partial] = parameters;
  for (;;) {
    const before = (await sizeOf(partial)) ?? 0;
    try {
      return await receive(...parameters);
    } catch (thrown) {
      const grown = ((await sizeOf(partial)) ?? 0) > before;
      if (!(grown && thrown instanceof IsthmusError && thrown.retryable)) throw thrown;
    }
  }
}

/** One request, from where the partial file ends to the end of the file. */
async function receive(
  url: string,
  file: HubFile,
  partial: string,
  transfer: Transfer,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let offset = (await sizeOf(partial)) ?? 0;
  if (offset > file.size) offset = 0;
  if (offset < file.size || file.size === 0) {
    const response = await get(url, transfer, offset > 0 ? { range: `bytes=${offset}-` } : {});
    const resumed =
      offset > 0 && response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${offset}-`);
    if (!resumed) offset = 0;
    const output = await open(partial, resumed ? "a" : "w");
    try {
      for await (const chunk of bodyOf(response, url, transfer.signal)) {
        offset += chunk.byteLength;
        if (offset > file.size) break;
        await output.writeFile(chunk);
        onBytes(offset);
      }
    } finally {
      await output.close();
    }
  }
  if (offset === file.size) return;
  if (offset > file.size) await rm(partial, { force: true });
  throw new IsthmusError(
    "model_fetch_failed",
    `${file.path} has ${offset} bytes of ${file.size}. Run \`isthmus model fetch\` again.`,
  );
}

async function* bodyOf(response: Response, url: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    if (response.body !== null) yield* response.body;
  } catch (cause) {
    throw failed(url, cause, signal);
  }
}

async function check(path: string, file: HubFile): Promise<{ matches: boolean; sha256: string }> {
  const sha256 = createHash("sha256");
  // Git names a blob by the SHA-1 of "blob <size>\0" and its content; it only says here that the transfer was whole.
  const gitBlob = createHash("sha1").update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha256.update(chunk as Uint8Array);
    gitBlob.update(chunk as Uint8Array);
  }
  const found = sha256.digest("hex");
  return {
    matches: file.digest.hex === (file.digest.algorithm === "sha256" ? found : gitBlob.digest("hex")),
    sha256: found,
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
