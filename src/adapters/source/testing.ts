import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { IsthmusError } from "../../core/errors.ts";
import type { ListingFault, Source } from "../../core/ports.ts";
import type { ObjectRef } from "../../core/types.ts";

/** A predicate for `assert.rejects`. */
export function hasCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof IsthmusError, `${error}`);
    assert.equal(error.code, code);
    return true;
  };
}

/** All objects; a fault fails the test. */
export async function listed(source: Source): Promise<ObjectRef[]> {
  const { refs, faults } = await listedWithFaults(source);
  assert.deepEqual(faults, []);
  return refs;
}

export async function listedWithFaults(source: Source): Promise<{ refs: ObjectRef[]; faults: ListingFault[] }> {
  const refs: ObjectRef[] = [];
  const faults: ListingFault[] = [];
  for await (const item of source.list()) {
    if (item.kind === "object") refs.push(item.ref);
    else if (item.kind === "fault") faults.push(item);
  }
  return { refs, faults };
}

export async function bytesRead(source: Pick<Source, "read">, ref: ObjectRef): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  for await (const block of source.read(ref)) blocks.push(block);
  return new Uint8Array(Buffer.concat(blocks));
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The names (relative to the scope, unescaped) of what is listed, sorted; a fault fails the test. */
export async function namesListed(source: Source): Promise<string[]> {
  return (await listed(source)).map((ref) => nameOf(source, ref.uri)).toSorted();
}

export function nameOf(source: Source, uri: string): string {
  return decodeURIComponent(uri.slice(source.scope.length));
}

/** Not on Windows. */
export function makePipe(path: string): void {
  const command = "mkfifo"; // Node has no call for it.
  execFileSync(command, [path]);
}
