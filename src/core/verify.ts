import { IsthmusError } from "./errors.ts";
import { massDelete } from "./ingest/removal.ts";
import type { StoreAudit } from "./ports.ts";
import type { ChunkProblem, Damage, DocumentRow, Stray, Verification } from "./types.ts";

const entriesPerPage = 500;
/** Damaged documents and orphaned attempts told by name; the rest are counted. */
const findingsKept = 1_000;

export interface VerifyOptions {
  /** Takes damaged documents out, for the next run to write them again, and sweeps what dead writers left. */
  readonly repair?: boolean;
  /** A repair over both bounds of promise 4 goes through without asking. */
  readonly allowMassDelete?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: VerifyEvent) => void;
}

export type VerifyEvent =
  /** So far, of all that the manifest counts. */
  | { readonly kind: "progress"; readonly documents: number; readonly total: number }
  | { readonly kind: "damaged"; readonly damage: Damage }
  | { readonly kind: "orphaned"; readonly stray: Stray };

export interface VerifyReport extends Verification {
  readonly damages: readonly Damage[];
  readonly orphans: readonly Stray[];
  readonly tookMs: number;
}

/**
 * Compares the manifest with the chunks and their vectors, in pages. Nothing is called wrong at first sight: a document or
 * an attempt that looks wrong is read once more, since a writer may just have been through.
 *
 * @throws `mass_delete_refused` for a repair that would take out over 20 documents and over a fifth of all.
 */
export async function verifyIndex(audit: StoreAudit, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { signal, onEvent = () => {}, repair = false } = options;
  const started = performance.now();
  const { documents: total } = await audit.count("", signal);
  const problems: Record<ChunkProblem, number> = { missing: 0, duplicated: 0, foreign: 0, vector: 0, unindexed: 0 };
  const damages: Damage[] = [];
  let [documents, chunks, damaged] = [0, 0, 0];
  for await (const rows of indexedRows(audit, signal)) {
    documents += rows.length;
    chunks += rows.reduce((sum, row) => sum + row.chunks, 0);
    for (const damage of await certain(audit, await audit.inspect(rows, signal), signal)) {
      damaged++;
      for (const problem of damage.problems) problems[problem]++;
      if (damages.length < findingsKept || repair) damages.push(damage);
      onEvent({ kind: "damaged", damage });
    }
    onEvent({ kind: "progress", documents, total: Math.max(total, documents) });
  }
  const { dead, inProgress } = await straysOf(audit, signal);
  for (const stray of dead) onEvent({ kind: "orphaned", stray });
  const orphaned = { attempts: dead.length, chunks: dead.reduce((sum, stray) => sum + stray.chunks, 0) };
  if (repair) await mend(audit, damages, dead, { ...options, total });
  const verification: Verification = {
    at: new Date().toISOString(),
    documents,
    chunks,
    damaged,
    problems,
    orphaned,
    inProgress,
    repaired: repair && damaged + dead.length > 0,
  };
  await audit.record(verification, signal).catch((error: unknown) => {
    // Whoever may only read is told what was found, and nothing is kept of it.
    if (repair || !(error instanceof IsthmusError) || error.code !== "store_denied") throw error;
  });
  const orphans = dead.slice(0, findingsKept);
  return { ...verification, damages: damages.slice(0, findingsKept), orphans, tookMs: performance.now() - started };
}

async function* indexedRows(audit: StoreAudit, signal: AbortSignal | undefined): AsyncGenerator<DocumentRow[]> {
  for (let after: string | undefined; ; ) {
    const page = await audit.page("", after, entriesPerPage, signal);
    if (page.length === 0) return;
    after = page.at(-1)?.uri;
    const rows = page.flatMap(({ current }) => (current?.state === "indexed" ? [current] : []));
    if (rows.length > 0) yield rows;
  }
}

/** Those that look the same at a second look, and whose row is still the current one. */
async function certain(
  audit: StoreAudit,
  suspected: readonly Damage[],
  signal: AbortSignal | undefined,
): Promise<Damage[]> {
  if (suspected.length === 0) return [];
  const uris = suspected.map(({ row }) => row.uri);
  const entries = await audit.entries(uris, signal);
  const current = new Set(entries.map((entry) => entry.current?.attempt));
  const standing = suspected.filter(({ row }) => current.has(row.attempt)).map(({ row }) => row);
  return standing.length === 0 ? [] : await audit.inspect(standing, signal);
}

async function straysOf(audit: StoreAudit, signal: AbortSignal | undefined) {
  const strays = new Map<string, Stray>();
  for await (const page of audit.strays(signal)) {
    for (const stray of page) {
      const known = strays.get(stray.attempt);
      const chunks = stray.chunks + (known?.chunks ?? 0);
      const newestMs = Math.max(stray.newestMs, known?.newestMs ?? 0);
      strays.set(stray.attempt, { ...stray, chunks, newestMs });
    }
  }
  const before = audit.now() - audit.leaseMs;
  const dead = [...strays.values()].filter(({ newestMs }) => newestMs <= before);
  return { dead, inProgress: strays.size - dead.length };
}

async function mend(
  audit: StoreAudit,
  damages: readonly Damage[],
  dead: readonly Stray[],
  { total, allowMassDelete = false, signal }: VerifyOptions & { readonly total: number },
): Promise<void> {
  const many = damages.length > massDelete.documents && damages.length > massDelete.share * total;
  if (many && !allowMassDelete) {
    throw new IsthmusError(
      "mass_delete_refused",
      `${damages.length} of ${total} documents are damaged, and would be taken out to be written again; none was. Should a node of the store be away, bring it back and verify again; if that is right, run again with --allow-mass-delete.`,
    );
  }
  for (let from = 0; from < damages.length; from += entriesPerPage) {
    const rows = damages.slice(from, from + entriesPerPage).map(({ row }) => row);
    await audit.forget(rows, signal);
  }
  for (let from = 0; from < dead.length; from += entriesPerPage) {
    await audit.sweep(dead.slice(from, from + entriesPerPage), signal);
  }
}

/** Whether anything is wrong with the index, and not mended. */
export function isSound({ damaged, orphaned, repaired }: Verification): boolean {
  return repaired || (damaged === 0 && orphaned.attempts === 0);
}
