import { IsthmusError } from "../../../core/errors.ts";
import type { ModelIdentity } from "../../../core/types.ts";
import { serverFailure } from "./failures.ts";
import { type Answer, type Http, messagesOf } from "./http.ts";
import {
  chunkCollectionSchema,
  manifestAdditions,
  manifestCollectionSchema,
  rangeProperties,
  schemaVersion,
} from "./schema.ts";
import { manifestCollection, type WeaviateSettings } from "./settings.ts";

interface ClassDefinition {
  readonly class: string;
  readonly description?: string;
  readonly properties?: readonly { readonly name: string }[];
}

const marker = "Isthmus index ";

/**
 * Creates what is missing, and checks what is there. Two starters at once create each collection once: whoever comes
 * second finds it.
 *
 * @throws `store_mismatch` for another model, or a collection that is not ours; `store_newer`.
 */
export async function ensureCollections(
  http: Http,
  settings: WeaviateSettings,
  identity: ModelIdentity,
): Promise<void> {
  const description = describe(identity);
  const chunks = await ensure(http, settings, chunkCollectionSchema(settings, description));
  check(chunks, settings, identity);
  const manifest = await ensure(http, settings, manifestCollectionSchema(settings, description));
  check(manifest, settings, identity);
  await addProperties(http, settings, chunks, rangeProperties(settings.rangeKeys));
  await addProperties(http, settings, manifest, manifestAdditions);
}

/** Those that the collection does not have yet. */
async function addProperties(
  http: Http,
  settings: WeaviateSettings,
  { class: name, properties }: ClassDefinition,
  wanted: readonly { readonly name: string }[],
): Promise<void> {
  const known = new Set(properties?.map((property) => property.name));
  for (const property of wanted) {
    if (known.has(property.name)) continue;
    const answer = await http.send("POST", `/v1/schema/${encodeURIComponent(name)}/properties`, property);
    // A second starter may have been first.
    if (answer.status !== 200 && !alreadyThere(answer)) throw serverFailure(messagesOf(answer), settings.url);
  }
}

/** Checks both collections and creates nothing. @throws `store_missing`, `store_mismatch`, `store_newer`. */
export async function checkCollections(
  http: Http,
  settings: WeaviateSettings,
  identity: ModelIdentity,
  signal?: AbortSignal,
): Promise<void> {
  const names = [settings.collection, manifestCollection(settings)];
  const look = async (name: string) =>
    // As this node has it; only of what it does not have (yet) the leader is asked, who may be the one that is away.
    (await read(http, settings, name, signal, { consistency: "false" })) ?? (await read(http, settings, name, signal));
  const found = await Promise.all(names.map(look));
  const [chunks, manifest] = found;
  // Somebody else's collection is named as such, whether or not a manifest lies beside it.
  if (chunks !== undefined) check(chunks, settings, identity);
  if (chunks === undefined || manifest === undefined) throw missing(settings);
  check(manifest, settings, identity);
}

async function ensure(http: Http, settings: WeaviateSettings, wanted: ClassDefinition): Promise<ClassDefinition> {
  const there = await read(http, settings, wanted.class);
  if (there !== undefined) return there;
  const answer = await http.send("POST", "/v1/schema", wanted);
  if (answer.status !== 200 && !alreadyThere(answer)) throw serverFailure(messagesOf(answer), settings.url);
  const created = await read(http, settings, wanted.class);
  if (created === undefined)
    throw serverFailure(`collection ${wanted.class} was created and is not found`, settings.url);
  return created;
}

async function read(
  http: Http,
  settings: WeaviateSettings,
  name: string,
  signal?: AbortSignal,
  headers?: Readonly<Record<string, string>>,
): Promise<ClassDefinition | undefined> {
  const answer = await http.send("GET", `/v1/schema/${encodeURIComponent(name)}`, undefined, signal, headers);
  if (answer.status === 404) return undefined;
  const body = answer.body as Partial<ClassDefinition> | undefined;
  if (answer.status === 200 && typeof body?.class === "string") return { ...body, class: body.class };
  throw new IsthmusError(
    "config_invalid",
    `${settings.url} does not answer as Weaviate does (status ${answer.status}): WEAVIATE_URL must name its HTTP port (8080).`,
  );
}

function alreadyThere(answer: Answer): boolean {
  return answer.status === 422 && /already (exists|in use)|exists already/i.test(messagesOf(answer));
}

function describe(identity: ModelIdentity): string {
  const { model, dimensions, revision } = identity;
  return `${marker}${JSON.stringify({ schema: schemaVersion, model, dimensions, revision })}`;
}

/** What a collection says of itself, or undefined where it is not ours. */
function recordedIdentity(description: string | undefined): (ModelIdentity & { schema: number }) | undefined {
  if (description?.startsWith(marker) !== true) return undefined;
  try {
    return JSON.parse(description.slice(marker.length)) as ModelIdentity & { schema: number };
  } catch {
    return undefined;
  }
}

function check(found: ClassDefinition, settings: WeaviateSettings, identity: ModelIdentity): void {
  const recorded = recordedIdentity(found.description);
  if (recorded === undefined) {
    throw new IsthmusError(
      "store_mismatch",
      `The collection ${found.class} at ${settings.url} was not made by Isthmus, and is left as it is. Set ISTHMUS_COLLECTION to a name of your own; docs/operations/weaviate.md shows how to move its data over.`,
    );
  }
  if (recorded.schema > schemaVersion) {
    throw new IsthmusError(
      "store_newer",
      `The collection ${found.class} at ${settings.url} has schema ${recorded.schema}, and this version knows ${schemaVersion}: upgrade Isthmus.`,
    );
  }
  for (const part of ["model", "dimensions", "revision"] as const) {
    if (recorded[part] === identity[part]) continue;
    throw new IsthmusError(
      "store_mismatch",
      `The collection ${found.class} at ${settings.url} was made with ${part} ${recorded[part]}, and the model in use has ${identity[part]}. Use that model again, or set ISTHMUS_COLLECTION to a new name and ingest once more.`,
    );
  }
}

export function missing(settings: WeaviateSettings): IsthmusError {
  return new IsthmusError(
    "store_missing",
    `Weaviate at ${settings.url} has no collection ${settings.collection} with its manifest yet: run isthmus ingest with --store weaviate, or the ingestion Job.`,
  );
}
