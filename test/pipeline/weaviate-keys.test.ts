import assert from "node:assert/strict";
import { dirname } from "node:path";
import { after, before, suite, test } from "node:test";
import { createTools, type Tools } from "../../scripts/ci/tools.ts";
import { bringKeys, type KeyVersions, keysNote, keyVersionsIn } from "../../scripts/ci/weaviate-keys.ts";
import { goBinary } from "../peers/binaries.ts";
import { type KubernetesApi, kubernetesMissing, startKubernetesApi } from "../peers/kube-apiserver.ts";
import { goPrograms } from "../peers/programs.ts";

const project = "example-project";
const first: KeyVersions = { root: ["1"], writer: ["1"], reader: ["1"] };
const keyOf = (user: string, version: string) => `${user}-key-${version}`;

interface Secret {
  readonly metadata: { readonly uid?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}
const inSecret = ({ data }: Secret, name: string) => Buffer.from(data[name] ?? "", "base64").toString();

const kubectl = await goBinary(goPrograms.kubectl);
const skip = kubectl.skip || (await kubernetesMissing());

suite("Secret weaviate-secrets in a real API server", { skip }, () => {
  let api: KubernetesApi;
  /** What Secret Manager would answer, which cannot run here. */
  const manager = new Map<string, string>();
  const said: string[] = [];
  const usual = { ...process.env };
  before(async () => {
    api = await startKubernetesApi();
    for (const user of ["api", "writer", "reader"])
      for (const version of ["1", "2"]) manager.set(`weaviate-${user}-key@${version}`, keyOf(user, version));
    // The steps run in this process.
    const PATH = `${dirname(kubectl.path ?? "")}:${usual["PATH"]}`;
    Object.assign(process.env, { PATH, KUBECONFIG: api.kubeconfig });
    await made("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "isthmus" } });
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    await made("/api/v1/namespaces/isthmus/serviceaccounts", account);
  });
  after(async () => {
    process.env = usual;
    await api?.stop();
  });

  async function made(path: string, body: object): Promise<void> {
    const answer = await api.send("POST", path, body as Record<string, unknown>);
    assert.ok([201, 409].includes(answer.status), JSON.stringify(answer.body));
  }
  function bring(versions: Partial<KeyVersions>, { dryRun = false, revoke = false } = {}) {
    const real = createTools({ dryRun, say: (line) => said.push(line) });
    const ask: Tools["ask"] = async (program, args, options) => {
      if (program !== "gcloud") return await real.ask(program, args, options);
      const stdout = manager.get(`${args[5]}@${args[3]}`);
      if (stdout === undefined) throw new Error(`${args.join(" ")}: NOT_FOUND`);
      return { code: 0, stdout, stderr: "" };
    };
    return bringKeys({ project, versions: { ...first, ...versions }, revoke }, { ...real, ask });
  }
  async function held(): Promise<Secret> {
    const { status, body } = await api.send("GET", "/api/v1/namespaces/isthmus/secrets/weaviate-secrets");
    assert.equal(status, 200, JSON.stringify(body));
    return body as unknown as Secret;
  }
  /** A node, started with what a deployment told it. */
  async function start(name: string, checksum: string): Promise<void> {
    const labels = { "app.kubernetes.io/name": "weaviate" };
    const pods = "/api/v1/namespaces/isthmus/pods";
    const spec = { containers: [{ name: "weaviate", image: "weaviate" }], automountServiceAccountToken: false };
    await api.send("DELETE", `${pods}/${name}`, { gracePeriodSeconds: 0 });
    await made(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels, annotations: { [keysNote]: checksum } },
      spec,
    });
  }

  test("it is made, a key moves to the next version step by step, and no step that a node would not follow is taken", async () => {
    await bring({}, { dryRun: true });
    const path = "/api/v1/namespaces/isthmus/secrets/weaviate-secrets";
    assert.equal((await api.send("GET", path)).status, 404, "a dry run makes nothing");

    const begun = await bring({});
    const original = await held();
    assert.equal(inSecret(original, "accepted-keys"), "api-key-1,writer-key-1,reader-key-1");
    assert.equal(inSecret(original, "accepted-users"), "root,writer,reader");
    assert.match(inSecret(original, "cluster-password"), /^[0-9a-f]{48}$/);
    assert.equal(original.metadata.annotations?.["isthmus/key-versions"], "api-key=1 writer-key=1 reader-key=1");
    for (const name of ["weaviate-0", "weaviate-1"]) await start(name, begun.checksum);
    const other = await api.send(
      "PATCH",
      path,
      { stringData: { other: "of another hand" } },
      "application/merge-patch+json",
    );
    assert.equal(other.status, 200);

    await assert.rejects(bring({ reader: ["2"] }), /would refuse a key in use.*reader-key=1.*wants reader-key 2\./s);
    await assert.rejects(bring({ reader: ["2", "1"] }), /would refuse a key in use/);
    const both = await bring({ reader: ["1", "2"] });
    assert.notEqual(both.checksum, begun.checksum, "the nodes must start again");
    await start("weaviate-1", both.checksum);
    await assert.rejects(bring({ reader: ["2", "1"] }), /^Error: weaviate-0 was not started with the keys/);
    await start("weaviate-0", both.checksum);
    const moved = await bring({ reader: ["2", "1"] });
    assert.equal(moved.checksum, both.checksum, "no node needs to start again when clients move");
    assert.equal(inSecret(await held(), "reader-key"), "reader-key-2");
    const ended = await bring({ reader: ["2"] });
    assert.notEqual(ended.checksum, both.checksum);

    const after = await held();
    assert.equal(after.metadata.uid, original.metadata.uid, "it is never made anew");
    assert.equal(inSecret(after, "accepted-keys"), "api-key-1,writer-key-1,reader-key-2");
    assert.equal(inSecret(after, "other"), "of another hand");
    assert.equal(inSecret(after, "cluster-password"), inSecret(original, "cluster-password"));

    await bring({ reader: ["1"] }, { revoke: true });
    assert.equal(inSecret(await held(), "reader-key"), "reader-key-1");
    assert.doesNotMatch(said.join("\n"), /(api|writer|reader)-key-[12]/);
  });

  test("equal keys, a line end and a version that is not there are refused, and nothing is changed", async () => {
    const before = await held();
    manager.set("weaviate-writer-key@3", "reader-key-1");
    await assert.rejects(bring({ writer: ["1", "3"] }), /hold the same key/);
    manager.set("weaviate-writer-key@3", "writer-key-3\n");
    await assert.rejects(bring({ writer: ["1", "3"] }), /version 3 of weaviate-writer-key .*line end/);
    await assert.rejects(bring({ writer: ["1", "4"] }), /secrets versions access 4 .*NOT_FOUND/);
    assert.deepEqual(await held(), before);
  });
});

/** Small numbers that look drawn by chance, the same for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("whatever is asked for and whenever nodes start, no node refuses the key that clients use", async () => {
  const seed = Number(process.env["ISTHMUS_TEST_SEED"] ?? 20_261_128);
  const draw = chance(seed);
  const sets = [["1"], ["2"], ["1", "2"], ["2", "1"], ["2", "3"], ["3", "2"], ["3"]];
  let taken = 0;
  for (let walk = 0; walk < 60; walk++) {
    let secret: Secret | undefined;
    const nodes: { note: string; keys: string[] }[] = [];
    const answer = (program: string, args: readonly string[], input = ""): string => {
      if (program === "gcloud") return keyOf(`${args[5]}`.replace(/^weaviate-|-key$/g, ""), `${args[3]}`);
      if (args.includes("secret")) return secret === undefined ? "" : JSON.stringify(secret);
      if (args.includes("pods"))
        return JSON.stringify({
          items: nodes.map(({ note }, at) => ({ metadata: { name: `n${at}`, annotations: { [keysNote]: note } } })),
        });
      secret = JSON.parse(input);
      return "";
    };
    const ask: Tools["ask"] = async (program, args, options) => ({
      code: 0,
      stderr: "",
      stdout: answer(program, args, options?.input),
    });
    const tools: Tools = { dryRun: false, say() {}, ask, change: ask, start: () => assert.fail() };
    const keysNow = () => inSecret(secret ?? assert.fail(), "accepted-keys").split(",");
    const told = await bringKeys({ project, versions: first, revoke: false }, tools);
    let template = told.checksum;
    for (let node = 0; node < 3; node++) nodes.push({ note: template, keys: keysNow() });
    for (let step = 0; step < 12; step++) {
      const versions = { ...first, reader: sets[draw(sets.length)] ?? assert.fail() };
      const before = inSecret(secret ?? assert.fail(), "reader-key");
      const brought = await bringKeys({ project, versions, revoke: false }, tools).catch(() => undefined);
      if (brought !== undefined) taken++;
      const node = nodes[draw(3)] ?? assert.fail();
      // A node may go down by itself before the pods' template is applied, or after it; and a rollout may stop half way.
      if (draw(3) === 0) Object.assign(node, { note: template, keys: keysNow() });
      template = brought?.checksum ?? template;
      for (const each of nodes) if (draw(2) === 0) Object.assign(each, { note: template, keys: keysNow() });
      // Clients read a key that moved one after the other.
      for (const inUse of [before, inSecret(secret ?? assert.fail(), "reader-key")])
        for (const { keys } of nodes) assert.ok(keys.includes(inUse), `seed ${seed}: ${keys} refuses ${inUse}`);
    }
  }
  assert.ok(taken > 20, `seed ${seed}: ${taken} changes were taken`);
});

test("settings.env names versions, and what is none is refused by its line's name", () => {
  const lines = (reader: string) =>
    `WEAVIATE_API_KEY_VERSIONS=1\nWEAVIATE_WRITER_KEY_VERSIONS=3,2\nWEAVIATE_READER_KEY_VERSIONS=${reader}\n`;
  assert.deepEqual(keyVersionsIn(lines("12")), { root: ["1"], writer: ["3", "2"], reader: ["12"] });
  for (const wrong of ["", "latest", "1,", "1,1", "0"])
    assert.throws(() => keyVersionsIn(lines(wrong)), /^Error: WEAVIATE_READER_KEY_VERSIONS is /);
});
