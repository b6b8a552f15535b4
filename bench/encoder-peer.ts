import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { PeerProcess } from "./peer-process.ts";

const helloSchema = z.object({ versions: z.record(z.string(), z.string()) });
const loadedSchema = z.object({ tokens: z.number() });
const spentSchema = z.object({ seconds: z.number(), cpu: z.number() });

/** What one call took. */
export interface Spent {
  readonly seconds: number;
  /** CPU time of all threads of the process meanwhile, seconds. */
  readonly cpu: number;
}

/** Another way to the vectors, in a process of its own, its model loaded, waiting for its turn. */
export interface EncoderPeer {
  /** Its packages and their versions, as one line. */
  readonly versions: string;
  /** Hands it the texts of the next calls. @returns tokens the model reads of them, special ones counted. */
  load(texts: readonly string[], scratch: string): Promise<number>;
  /** Embeds all texts in batches; the vectors go to a file as float32 if one is named. */
  encode(batch: number, vectorsFile?: string): Promise<Spent>;
  close(): Promise<void>;
}

/** The protocol that `python/peer.py` and `node/peer.ts` answer alike. */
export function encoderPeer(child: PeerProcess): EncoderPeer {
  return {
    versions: Object.entries(helloSchema.parse(child.hello).versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    async load(texts, scratch) {
      const path = join(scratch, "texts.json");
      await writeFile(path, JSON.stringify(texts));
      return loadedSchema.parse(await child.ask({ op: "load", texts: path })).tokens;
    },
    encode: (batch, vectorsFile) => spent(child, { op: "encode", batch, vectors: vectorsFile ?? null }),
    close: () => child.close(),
  };
}

export async function spent(child: PeerProcess, request: Readonly<Record<string, unknown>>): Promise<Spent> {
  return spentSchema.parse(await child.ask(request));
}
