import type { Connection } from "../../src/adapters/store/weaviate/connection.ts";
import { longestAnswer } from "../../src/adapters/store/weaviate/requests.ts";
import type {
  AggregateRequest,
  BatchDeleteRequest,
  BatchObject,
  BatchObjectsRequest,
  Filters,
  SearchRequest,
  SearchResult,
} from "../../src/adapters/store/weaviate/rpc/weaviate_pb.ts";
import { Filters_Operator as Operator } from "../../src/adapters/store/weaviate/rpc/weaviate_pb.ts";
import { IsthmusError } from "../../src/core/errors.ts";
import type { Adversary } from "./meetings.ts";

/** An object as one replica has it; a removed one leaves the time of its removal. */
interface Stored {
  readonly id: string;
  readonly collection: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly vector: Uint8Array;
  readonly createdMs: number;
  readonly writtenAt: number;
  readonly removed: boolean;
}

type Replica = Map<string, Stored>;

/** One request that waits to be served. */
interface Waiting {
  readonly actor: string;
  readonly serve: () => void;
  readonly lose: () => void;
}

/**
 * A server with the rules of Weaviate and none of its time: no transactions, no compare-and-set, a write acknowledged by a
 * majority of the replicas, a search answered by one of them that compares what it found (and what it did not find, not).
 * Nothing happens until `step` lets one request through; which one, on which replicas, and whether its answer arrives, the
 * adversary decides. What the real server does with vectors and words is left out.
 */
export class SimulatedWeaviate {
  readonly #replicas: Replica[];
  readonly #adversary: Adversary;
  readonly #waiting: Waiting[] = [];
  readonly #dead = new Set<string>();
  /** The server's clock: one millisecond a request. */
  #now = 1_000_000;
  requests = 0;

  constructor(adversary: Adversary, replicas = 1) {
    this.#adversary = adversary;
    this.#replicas = Array.from({ length: replicas }, () => new Map());
  }

  /** A line of one actor: its requests wait for `step`. */
  connect(actor: string): Connection {
    const call = (work: () => unknown) =>
      new Promise<never>((resolve, reject) => {
        if (this.#dead.has(actor)) return;
        this.#waiting.push({
          actor,
          serve: () => resolve(work() as never),
          lose: () => {
            work();
            reject(new IsthmusError("store_unavailable", "the answer was lost"));
          },
        });
      });
    const client = {
      search: (request: SearchRequest) => call(() => this.#search(request)),
      batchObjects: (request: BatchObjectsRequest) => call(() => this.#insert(request)),
      batchDelete: (request: BatchDeleteRequest) => call(() => this.#remove(request)),
      aggregate: (request: AggregateRequest) => call(() => this.#count(request)),
    };
    const now = () => this.#now;
    return {
      call: (use) => use(client as unknown as Parameters<typeof use>[0], {}),
      http: {
        // An object by its id, at the level of a quorum: the latest of what the replicas asked have.
        send: (method, path, body) =>
          call(() => {
            if (path === "/v1/graphql") return { status: 200, body: this.#list((body as { query: string }).query) };
            const [, collection = "", id = ""] = /^\/v1\/objects\/([^/]+)\/([^?]+)/.exec(path) ?? [];
            if (method === "DELETE") return { status: 204, body: this.#removeById(collection, id) };
            const found = this.#quorum().flatMap((replica) => replica.get(keyOf({ collection, id })) ?? []);
            const latest = found.sort((a, b) => b.writtenAt - a.writtenAt)[0];
            return { status: latest === undefined || latest.removed ? 404 : 200, body: undefined };
          }),
        serverNow: now,
        close() {},
      },
      connect: async () => {},
      close() {},
      closed: false,
    };
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Serves one of the waiting requests. */
  step({ losing = false, dying = false } = {}): void {
    const next = this.#waiting.splice(this.#adversary(this.#waiting.length), 1)[0];
    if (next === undefined) throw new Error("nothing waits");
    this.requests++;
    this.#now++;
    if (dying && this.#adversary(12) === 0) {
      // The process ends here; its request may still arrive.
      this.#dead.add(next.actor);
      if (this.#adversary(2) === 0) next.serve();
      for (let at = this.#waiting.length - 1; at >= 0; at--) {
        if (this.#waiting[at]?.actor === next.actor) this.#waiting.splice(at, 1);
      }
    } else if (losing && this.#adversary(8) === 0) next.lose();
    else next.serve();
  }

  isDead(actor: string): boolean {
    return this.#dead.has(actor);
  }

  /** Asynchronous repair: afterwards every replica has the latest of each object, removals included. */
  heal(): void {
    const latest: Replica = new Map();
    for (const replica of this.#replicas) {
      for (const [key, stored] of replica) {
        if ((latest.get(key)?.writtenAt ?? -1) < stored.writtenAt) latest.set(key, stored);
      }
    }
    for (const replica of this.#replicas) for (const [key, stored] of latest) replica.set(key, stored);
  }

  /** The properties of all objects of a collection. After `heal` any replica tells. */
  objects(collection: string): Readonly<Record<string, unknown>>[] {
    return this.#live(this.#replicas[0] as Replica, collection).map(({ fields }) => fields);
  }

  #live(replica: Replica, collection: string): Stored[] {
    return [...replica.values()].filter((each) => each.collection === collection && !each.removed);
  }

  /** All replicas but perhaps one, as a quorum of three allows. */
  #quorum(): Replica[] {
    if (this.#replicas.length === 1) return this.#replicas;
    const away = this.#adversary(this.#replicas.length + 1);
    return this.#replicas.filter((_, index) => index !== away);
  }

  #insert({ objects }: BatchObjectsRequest) {
    for (const replica of this.#quorum()) {
      for (const object of objects) {
        const stored = storedOf(object, this.#now);
        const before = replica.get(keyOf(stored));
        const createdMs = before === undefined || before.removed ? stored.createdMs : before.createdMs;
        replica.set(keyOf(stored), { ...stored, createdMs });
      }
    }
    return { errors: [] };
  }

  #remove({ collection, filters }: BatchDeleteRequest) {
    const quorum = this.#quorum();
    // Found by one replica, removed by all that take part.
    const found = this.#live(quorum[this.#adversary(quorum.length)] as Replica, collection)
      .filter((each) => passes(each, filters))
      .slice(0, longestAnswer);
    for (const replica of quorum) {
      for (const stored of found) {
        replica.set(keyOf(stored), { ...stored, writtenAt: this.#now, removed: true });
      }
    }
    return { failed: 0n, matches: BigInt(found.length), successful: BigInt(found.length) };
  }

  #search({ collection, filters, limit }: SearchRequest) {
    const asked = this.#replicas[this.#adversary(this.#replicas.length)] as Replica;
    const found = this.#live(asked, collection).filter((each) => passes(each, filters));
    const others = this.#replicas.filter((replica) => replica !== asked);
    const compared = others.length === 0 ? undefined : others[this.#adversary(others.length)];
    const results = found.slice(0, limit).map((stored) => {
      const other = compared?.get(keyOf(stored));
      const consistent = compared === undefined || other?.writtenAt === stored.writtenAt;
      if (!consistent && compared !== undefined) mend(asked, compared, keyOf(stored));
      return resultOf(stored, consistent);
    });
    return { results };
  }

  #removeById(collection: string, id: string): undefined {
    const gone = { id, collection, fields: {}, vector: new Uint8Array(), createdMs: this.#now, writtenAt: this.#now };
    for (const replica of this.#quorum()) replica.set(keyOf(gone), { ...gone, removed: true });
    return undefined;
  }

  /** The cursor over all objects of a collection: one page has them all. */
  #list(query: string) {
    const [, collection = "", after = ""] = /Get \{ (\w+)\(limit: \d+, after: "([^"]*)"/.exec(query) ?? [];
    const asked = this.#replicas[this.#adversary(this.#replicas.length)] as Replica;
    const found = after === "" ? this.#live(asked, collection) : [];
    const objects = found.map(({ id, fields, createdMs }) => ({
      attempt: fields["attempt"],
      uri: fields["uri"],
      _additional: { id, creationTimeUnix: String(createdMs) },
    }));
    return { data: { Get: { [collection]: objects } } };
  }

  #count({ collection, filters }: AggregateRequest) {
    const asked = this.#replicas[this.#adversary(this.#replicas.length)] as Replica;
    const found = this.#live(asked, collection).filter((each) => passes(each, filters));
    return { result: { case: "singleResult", value: { objectsCount: BigInt(found.length) } } };
  }
}

function keyOf({ collection, id }: Pick<Stored, "collection" | "id">): string {
  return `${collection} ${id}`;
}

/** Read repair: the later of the two goes to both. */
function mend(one: Replica, other: Replica, key: string): void {
  const [a, b] = [one.get(key), other.get(key)];
  const latest = (a?.writtenAt ?? -1) >= (b?.writtenAt ?? -1) ? a : b;
  if (latest === undefined) return;
  one.set(key, latest);
  other.set(key, latest);
}

function storedOf(object: BatchObject, now: number): Stored {
  const { uuid: id, collection, vectorBytes, properties } = object;
  const fields = { ...(properties?.nonRefProperties as Record<string, unknown> | undefined) };
  return { id, collection, fields, vector: vectorBytes, createdMs: now, writtenAt: now, removed: false };
}

function resultOf({ id, fields, vector, createdMs }: Stored, consistent: boolean): SearchResult {
  const values = Object.entries(fields).map(([name, value]) => [
    name,
    { kind: typeof value === "number" ? { case: "intValue", value: BigInt(value) } : { case: "textValue", value } },
  ]);
  return {
    properties: { nonRefProps: { fields: Object.fromEntries(values) } },
    metadata: {
      id,
      creationTimeUnix: BigInt(createdMs),
      isConsistent: consistent,
      distance: 0.5,
      score: 0.5,
      vectorBytes: vector,
    },
  } as unknown as SearchResult;
}

function passes(stored: Stored, filters: Filters | undefined): boolean {
  if (filters === undefined) return true;
  if (filters.operator === Operator.AND) return filters.filters.every((part) => passes(stored, part));
  const target = filters.target?.target;
  const name = target?.case === "property" ? target.value : "";
  const value = String(name === "_id" ? stored.id : (stored.fields[name] ?? ""));
  const { testValue } = filters;
  const wanted = testValue.case === "valueTextArray" ? testValue.value.values : [String(testValue.value)];
  switch (filters.operator) {
    case Operator.EQUAL:
    case Operator.CONTAINS_ANY:
      return wanted.includes(value);
    case Operator.CONTAINS_NONE:
      return !wanted.includes(value);
    case Operator.LIKE:
      return value.startsWith((wanted[0] ?? "").replace(/\*$/, ""));
    default:
      throw new Error(`the simulation does not know operator ${filters.operator}`);
  }
}
