import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { clusterMissing } from "../peers/cluster/able.ts";
import { balancerAddresses, functionAddress } from "../peers/cluster/controllers.ts";
import { buildProgramImage } from "../peers/cluster/images.ts";
import { otelCollectorBinary } from "../peers/otel-collector.ts";
import { buildIngestImage } from "./ingest-image.ts";
import { openPlace, type Place, until } from "./place.ts";
import { type PodProbe, startOutsider, startProbe } from "./probe.ts";

const skip = (await clusterMissing()) || (await otelCollectorBinary()).skip;
/** Of RFC 5737: what components/public admits as it stands, and somebody else on the internet. */
const admitted = "192.0.2.10";
const stranger = "203.0.113.10";

suite("the policies of what is added by choice, by packets", { skip, timeout: 1_800_000 }, () => {
  let place: Place;
  let weaviate = "";
  const folder = mkdtempSync(join(tmpdir(), "isthmus-policies-"));
  /** One for each kind of pod that a policy names, and one that none names. */
  const pods = new Map<string, PodProbe>();
  const pod = (name: string) => {
    const found = pods.get(name);
    if (found === undefined) throw new Error(`there is no pod as ${name}`);
    return found;
  };
  const addressOf = async (selector: string) =>
    await place.kubectl("get", "pods", "-l", selector, "-o", "jsonpath={.items[0].status.podIP}");

  before(async () => {
    const image = await buildIngestImage(folder);
    place = await openPlace(2);
    await place.cluster.loadImage(image.archive);
    await place.deploy("starter");
    weaviate = await addressOf("app.kubernetes.io/name=weaviate");
    await place.kubectl("apply", "--server-side", "-f", join(place.manifests, "events/base/network-policy.yaml"));
    for (const name of ["ingest", "ingest-worker", "reconcile", "weaviate", "stranger"])
      pods.set(name, await startProbe(place, `as-${name}`, { "app.kubernetes.io/name": name }));
    pods.set("outside", await startProbe(place, "outside", {}, { namespace: "default", refused: `${weaviate}:8080` }));
  });
  after(async () => {
    await place?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the collector hears ingestion, Weaviate and the function, nobody else, and speaks to Google alone", async () => {
    const image = "localhost/otel-collector:1";
    const archive = join(folder, "otel-collector.tar");
    buildProgramImage({ name: image, program: (await otelCollectorBinary()).path ?? "", archive });
    await place.cluster.loadImage(archive);
    const built = await place.kubectl("kustomize", join(place.manifests, "telemetry"));
    const file = join(folder, "telemetry.yaml");
    writeFileSync(file, built.replace("image: COLLECTOR_IMAGE", `image: ${image}`));
    await place.kubectl("apply", "--server-side", "-f", file);
    await place.kubectl("rollout", "status", "deployment/otel-collector", "--timeout=240s");
    const collector = await addressOf("app.kubernetes.io/name=otel-collector");
    const both = ["otel-collector:4317", "otel-collector:4318"];
    for (const name of ["ingest", "ingest-worker", "reconcile"]) await pod(name).finds(both, []);
    await pod("weaviate").finds(["otel-collector:4317"], ["otel-collector:4318"]);
    const direct = [`${collector}:4317`, `${collector}:4318`];
    await pod("stranger").finds([], [...both, ...direct]);
    await pod("outside").finds([], direct);

    const balancer = balancerAddresses["otel-collector-lb"];
    const beyond = await startOutsider(place, functionAddress);
    await beyond.finds([`${balancer}:4318`, `${collector}:4318`], [`${balancer}:4317`, `${collector}:4317`]);
    const other = await startOutsider(place, stranger);
    await other.finds([], [`${balancer}:4318`, ...direct]);

    // Last, for the Service leads to it as well from now on.
    const itself = await startProbe(place, "as-otel-collector", { "app.kubernetes.io/name": "otel-collector" });
    const barred = [`${weaviate}:8080`, `${pod("ingest").address}:8080`, "172.30.0.1:6443", "10.96.0.1:443"];
    await itself.finds(["199.36.153.8:443", "169.254.169.254:80"], barred);
    await place.kubectl("delete", "pod", "as-otel-collector");
  });

  test("metrics are shown to Google's own collectors, by their ports alone", async () => {
    await place.kubectl("create", "namespace", "gmp-system");
    const refused = `${weaviate}:8080`;
    const google = await startProbe(place, "as-google", {}, { namespace: "gmp-system", refused });
    const shown = ["ingest", "ingest-worker", "reconcile"].map((name) => `${pod(name).address}:8080`);
    const closed = [`${weaviate}:8080`, `${weaviate}:50051`, `${weaviate}:7946`, `${pod("stranger").address}:8080`];
    await google.finds([`${weaviate}:2112`, ...shown], closed);
    const beyond = await startOutsider(place, functionAddress);
    for (const other of [pod("outside"), pod("stranger"), pod("ingest"), beyond])
      await other.finds([], [`${weaviate}:2112`, `${pod("ingest-worker").address}:8080`]);
  });

  test("the starter on the internet answers by TLS to the ranges that are named, and to nobody else", async () => {
    const balancer = balancerAddresses["weaviate-public"];
    const named = await startOutsider(place, admitted);
    const unnamed = await startOutsider(place, stranger);
    const all = [8080, 8443, 50051, 2112, 7946, 8300];
    const ports = (...list: number[]) => list.map((port) => `${weaviate}:${port}`);
    await named.finds([], ports(...all));

    // An internal address does not become one of the internet: the Service is made anew.
    await place.kubectl("delete", "service/weaviate-lb");
    const overlay = join(place.manifests, "overlays/starter-public");
    await place.kubectl("apply", "--server-side", "--force-conflicts", "-k", overlay);
    await place.kubectl("rollout", "status", "statefulset/weaviate-starter", "--timeout=400s");
    weaviate = await addressOf("app.kubernetes.io/instance=starter");
    await named.finds(
      [`${balancer}:443`, `${balancer}:50051`, ...ports(8443, 50051)],
      [`${balancer}:80`, ...ports(8080, 2112, 7946, 8300)],
    );
    await unnamed.finds([], [`${balancer}:443`, `${balancer}:50051`, ...ports(...all)]);
    await pod("outside").finds([], ports(...all));
    await pod("ingest").finds(["weaviate:8080", "weaviate:50051"], ports(8443));

    const door = await place.cluster.doors.into(balancer, 443, admitted);
    const ca = readFileSync(place.weaviate.authorityFile);
    await until("an answer over TLS", async () => (await readyBy(door, ca)) === 200);
  });
});

/** The status of a node's readiness over TLS, by the authority given. */
async function readyBy(port: number, ca: Buffer): Promise<number | undefined> {
  const path = "/v1/.well-known/ready";
  const asked = get({ host: "127.0.0.1", port, path, ca, servername: "localhost", agent: false });
  const [answer] = (await once(asked, "response", { signal: AbortSignal.timeout(5_000) })) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}
