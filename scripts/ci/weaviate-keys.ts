import { createHash, randomBytes } from "node:crypto";
import { kubectl, namespace, submit } from "./kubernetes.ts";
import type { Tools } from "./tools.ts";

/** Weaviate's users, and the name of each one's key in Secret weaviate-secrets (in Secret Manager `weaviate-` stands before it). */
const users = { root: "api-key", writer: "writer-key", reader: "reader-key" } as const;

type User = keyof typeof users;
const userNames = Object.keys(users) as User[];

/** Versions in Secret Manager of each user's key. All of them are let in, and the first is the one that clients in the cluster use. */
export type KeyVersions = Readonly<Record<User, readonly string[]>>;
type Keys = Readonly<Record<User, readonly string[]>>;

/** Name of the Secret's annotation that tells which versions it holds, and of the pods' that tell what they were started with. */
const versionsNote = "isthmus/key-versions";
export const keysNote = "isthmus/keys";

interface Held {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

/** @throws naming the lines of settings.env that are missing or wrong. */
export function keyVersionsIn(settings: string): KeyVersions {
  const faults: string[] = [];
  const versionsOf = (user: User) => {
    const name = `WEAVIATE_${users[user].replace("-", "_").toUpperCase()}_VERSIONS`;
    const [, text = ""] = new RegExp(`^${name}=(.*)$`, "m").exec(settings) ?? [];
    const versions = text.split(",");
    if (!versions.every((each) => /^[1-9]\d*$/.test(each)) || new Set(versions).size < versions.length)
      faults.push(`${name} is ${JSON.stringify(text)}`);
    return versions;
  };
  const named = { root: versionsOf("root"), writer: versionsOf("writer"), reader: versionsOf("reader") };
  if (faults.length > 0)
    throw new Error(
      `${faults.join("; ")}: it is a version of Secret Manager, or several with commas between (docs/operations/rotate-keys.md).`,
    );
  return named;
}

export interface KeysRequest {
  readonly project: string;
  readonly versions: KeyVersions;
  /** Lets a key go although clients may still use it. */
  readonly revoke: boolean;
}

export interface BroughtKeys {
  /** Of root. */
  readonly rootKey: string;
  /** Changes with what the nodes must be started with again. */
  readonly checksum: string;
}

/**
 * Brings Secret weaviate-secrets to the named versions of Secret Manager. The Secret is never deleted, and what others put there stays.
 *
 * Nodes take their keys when they start, one after the other; meanwhile some have the new keys and some the old ones. So that no node ever
 * refuses a key in use, the key that clients use must be among the new ones, the key that they shall use among the old ones, and every node
 * must have been started with what the Secret holds now.
 *
 * @throws when a version is not there or is no key, when two are equal, or when a node would refuse a key in use.
 */
export async function bringKeys({ project, versions, revoke }: KeysRequest, tools: Tools): Promise<BroughtKeys> {
  const wanted = await readKeys(project, versions, tools);
  const held = await heldSecret(tools);
  const before = acceptedIn(held);
  const changed = userNames.some((user) => {
    const [from, to] = [before[user], wanted[user]];
    return from[0] !== to[0] || from.toSorted().join() !== to.toSorted().join();
  });
  if (changed && !revoke) await refuseGaps(before, wanted, { held, versions }, tools);
  const password = decoded(held?.data?.["cluster-password"]) || randomBytes(24).toString("hex");
  const data = { ...secretOf(wanted), "cluster-password": password };
  const manifest = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "weaviate-secrets",
      namespace,
      annotations: {
        [versionsNote]: userNames.map((user) => `${users[user]}=${versions[user].join(",")}`).join(" "),
      },
    },
    type: "Opaque",
    data: Object.fromEntries(
      Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString("base64")]),
    ),
  };
  const apply = ["apply", "--server-side", "--field-manager=isthmus-ci-secrets", "--force-conflicts", "-f", "-"];
  await submit(apply, tools, { input: JSON.stringify(manifest) });
  return { rootKey: wanted.root[0] ?? "", checksum: checksumOf(data) };
}

async function readKeys(project: string, versions: KeyVersions, tools: Tools): Promise<Keys> {
  const read = async (user: User, version: string) => {
    const name = `weaviate-${users[user]}`;
    const place = ["--secret", name, "--project", project];
    const { stdout } = await tools.ask("gcloud", ["secrets", "versions", "access", version, ...place]);
    // A line end that came along with the key would become part of it, and a comma would end it.
    if (!/^[!-+\--~]+$/.test(stdout))
      throw new Error(
        `version ${version} of ${name} is empty, or holds a space or a line end. Add another and name that one:
  openssl rand -hex 24 | tr -d '\\n' | gcloud secrets versions add ${name} --data-file=- --project ${project}`,
      );
    return stdout;
  };
  const keys: Record<User, string[]> = { root: [], writer: [], reader: [] };
  for (const user of userNames) for (const version of versions[user]) keys[user].push(await read(user, version));
  const all = Object.values(keys).flat();
  if (new Set(all).size < all.length)
    throw new Error("two of the named versions hold the same key; Weaviate starts with no two equal keys.");
  return keys;
}

async function heldSecret(tools: Tools): Promise<Held | undefined> {
  const { stdout } = await kubectl(["get", "secret", "weaviate-secrets", "--ignore-not-found", "-o", "json"], tools);
  return stdout.trim() === "" ? undefined : JSON.parse(stdout);
}

const decoded = (base64 = "") => Buffer.from(base64, "base64").toString();

/** What the Secret lets in, the key that clients use first. */
function acceptedIn(held: Held | undefined): Keys {
  const data = held?.data ?? {};
  const [keys, names] = ["accepted-keys", "accepted-users"].map((name) => decoded(data[name]).split(","));
  const of = (user: User) => {
    const first = decoded(data[users[user]]);
    const all = (keys ?? []).filter((_, index) => names?.[index] === user);
    return first === "" ? [] : [first, ...all.filter((key) => key !== first)];
  };
  return { root: of("root"), writer: of("writer"), reader: of("reader") };
}

interface Change {
  readonly held: Held | undefined;
  readonly versions: KeyVersions;
}

async function refuseGaps(before: Keys, wanted: Keys, { held, versions }: Change, tools: Tools): Promise<void> {
  if (held === undefined) return;
  const pods = await kubectl(["get", "pods", "-l", "app.kubernetes.io/name=weaviate", "-o", "json"], tools);
  const { items }: { items: readonly { metadata: Held["metadata"] & { name: string } }[] } = JSON.parse(pods.stdout);
  if (items.length === 0) return;
  const faults = userNames.flatMap((user) => {
    const [inUse = "", shallBe = ""] = [before[user][0], wanted[user][0]];
    if (inUse === "" || (wanted[user].includes(inUse) && before[user].includes(shallBe))) return [];
    return `${users[user]} ${versions[user].join(",")}`;
  });
  if (faults.length > 0)
    throw new Error(
      `a node would refuse a key in use: the Secret holds ${held.metadata.annotations?.[versionsNote] ?? "keys of no known version"}, and settings.env wants ${faults.join(" and ")}. Name both versions first, the one in use before the other; docs/operations/rotate-keys.md has the steps, and --revoke does it all the same.`,
    );
  const present = checksumOf({ ...secretOf(before), "cluster-password": decoded(held.data?.["cluster-password"]) });
  const behind = items.filter(({ metadata }) => metadata.annotations?.[keysNote] !== present);
  if (behind.length > 0)
    throw new Error(
      `${behind.map(({ metadata }) => metadata.name).join(", ")} was not started with the keys that the Secret holds now: deploy with the versions before this change first, or --revoke.`,
    );
}

/** The same whichever of a user's keys comes first: no node needs to start again when clients move from one to the other. */
function secretOf(keys: Keys): Record<string, string> {
  const accepted = userNames.flatMap((user) => keys[user].toSorted().map((key) => [user, key] as const));
  return {
    ...Object.fromEntries(userNames.map((user) => [users[user], keys[user][0] ?? ""])),
    "accepted-keys": accepted.map(([, key]) => key).join(","),
    "accepted-users": accepted.map(([user]) => user).join(","),
  };
}

function checksumOf(data: Readonly<Record<string, string>>): string {
  const started = ["accepted-keys", "accepted-users", "cluster-password"].map((name) => data[name]);
  return createHash("sha256").update(JSON.stringify(started)).digest("hex");
}
