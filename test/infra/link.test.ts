import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createLinkNetwork, type LinkNetwork, linkMissing, type RoutePolicy } from "./link-network.ts";
import { at } from "./manifests.ts";
import { copyTerraform, terraformMissing } from "./terraform.ts";

const missing = linkMissing();
process.stdout.write(`${missing || "the link is rehearsed here, in network namespaces with BIRD"}\n`);
const skip = missing || (await terraformMissing());

// What a mistaken or hostile side could tell: a way to everywhere, and Google's own nodes.
const surplus = ["0.0.0.0/0", "10.10.0.0/20"];

suite("the link, in network namespaces", { skip }, () => {
  let policy: RoutePolicy;
  let network: LinkNetwork;

  before(async () => {
    policy = await policyOfModule();
    network = await createLinkNetwork(policy, surplus);
    await until(() => network.sessions("google") === 4 && network.sessions("aws") === 4);
    await until(() => network.learned("google").length > 0 && network.learned("aws").length > 0);
  });
  after(() => network?.stop());

  test("each side learns one range, whatever the other tells", () => {
    assert.deepEqual(network.learned("aws"), [policy.advertised]);
    assert.deepEqual(network.learned("google"), [policy.accepted]);
  });

  test("without the module's policies, both would learn what is none of their business", async () => {
    const open = await createLinkNetwork(policy, surplus, { guarded: false });
    try {
      await until(() => open.learned("google").includes("0.0.0.0/0"));
      await until(() => open.learned("aws").includes("10.10.0.0/20"));
    } finally {
      await open.stop();
    }
  });

  test("the function reaches the load balancer, and no node", async () => {
    await serve(network);
    assert.equal(reach(network, "10.10.16.10").code, 0);
    assert.notEqual(reach(network, "10.10.0.5").code, 0);
  });

  test("three of four tunnels are lost one by one, and traffic goes on", async () => {
    for (const [lost, tunnel] of [0, 3, 1].entries()) {
      network.cut(tunnel);
      await until(() => network.sessions("google") === 3 - lost);
      await until(() => reach(network, "10.10.16.10").code === 0);
    }
    assert.deepEqual(network.learned("aws"), [policy.advertised]);
    network.cut(2);
    await until(() => reach(network, "10.10.16.10").code !== 0);
  });
});

/** What the module would set up, from its plan. */
async function policyOfModule(): Promise<RoutePolicy> {
  const copy = await copyTerraform();
  try {
    const place = "modules/ha-vpn";
    const variables = [
      "project=example-project",
      "google_region=us-east4",
      "network_id=projects/example-project/global/networks/isthmus",
      "vpn_gateway_id=vgw-0123456789abcdef0",
      "advertised_cidr=10.10.16.0/24",
      "accepted_cidr=10.20.0.0/16",
    ].map((one) => `-var=${one}`);
    await copy.run(place, "init", "-no-color");
    const planned = await copy.run(place, "plan", "-no-color", "-out=plan", ...variables);
    assert.equal(planned.code, 0, planned.output);
    const plan: unknown = JSON.parse((await copy.run(place, "show", "-json", "plan")).output);
    return at(plan, "planned_values.outputs.route_policy.value") as RoutePolicy;
  } finally {
    copy.remove();
  }
}

/** A server on the load balancer's address and one on a node. */
async function serve(network: LinkNetwork): Promise<void> {
  const program = 'require("node:http").createServer((_, answer) => answer.end("here")).listen(8080)';
  for (const [host, address] of [
    ["weaviate", "10.10.16.10"],
    ["node", "10.10.0.5"],
  ] as const) {
    await network.start(
      host,
      `server on ${host}`,
      process.execPath,
      ["-e", program],
      async () => network.on(host, process.execPath, "-e", clientOf(address)).code === 0,
    );
  }
}

function reach(network: LinkNetwork, address: string) {
  return network.on("lambda", process.execPath, "-e", clientOf(address));
}

function clientOf(address: string): string {
  return `fetch("http://${address}:8080", { signal: AbortSignal.timeout(2000) }).then((a) => a.text()).then((t) => process.exit(t === "here" ? 0 : 1), () => process.exit(1))`;
}

/** The bound only ends a test that would wait for ever. */
async function until(reached: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!reached()) {
    if (Date.now() > deadline) throw new Error("the link did not get there");
    await sleep(100);
  }
}
