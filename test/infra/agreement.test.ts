import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { parseJobSettings } from "../../src/config/job.ts";
import { goBinary } from "../peers/binaries.ts";
import { goPrograms } from "../peers/programs.ts";
import { resolveJobEnvironment } from "./environment.ts";
import { at, buildOverlay, buildTelemetry, listAt, type Manifest, readJob, replaceIn } from "./manifests.ts";
import { copyTerraform, modules, terraformMissing } from "./terraform.ts";

const folder = join(import.meta.dirname, "../../infra/terraform");

/** A variable's default as its file spells it. */
function defaultOf(place: string, variable: string): string {
  const text = readFileSync(join(folder, place, "variables.tf"), "utf8");
  const value = new RegExp(`variable "${variable}" \\{\\n[\\s\\S]*?^  default\\s*=\\s*(.*)$`, "m").exec(text)?.[1];
  assert.ok(value, `${place} has no default for ${variable}`);
  return value;
}

suite("what two places must agree on", () => {
  const pairs = [
    ["gcp", "client_cidrs", "aws", "private_subnet_cidrs"],
    ["gcp", "weaviate_address", "aws", "weaviate_address"],
    ["gcp", "collector_address", "aws", "collector_address"],
    ["gcp", "client_cidrs", "modules/google-network", "client_cidrs"],
    ["gcp", "weaviate_address", "modules/google-network", "weaviate_address"],
    ["aws", "load_balancer_cidr", "modules/google-network", "load_balancer_cidr"],
    ["modules/aws-network", "asn", "modules/ha-vpn", "aws_asn"],
    ["modules/aws-network", "google_side_asn", "modules/ha-vpn", "google_asn"],
    ["gcp", "gcp_region", "link", "gcp_region"],
    ["aws", "aws_region", "link", "aws_region"],
    ["modules/google-network", "name", "link", "name"],
    ["modules/aws-network", "name", "link", "name"],
  ] as const;
  for (const [place, variable, otherPlace, otherVariable] of pairs) {
    test(`${place} ${variable} and ${otherPlace} ${otherVariable}`, () => {
      assert.equal(defaultOf(place, variable), defaultOf(otherPlace, otherVariable));
    });
  }

  test("the default regions are a pair that the clouds' own interconnect joins", () => {
    assert.equal(defaultOf("gcp", "gcp_region"), '"us-east4"');
    assert.equal(defaultOf("aws", "aws_region"), '"us-east-1"');
  });

  test("no range overlaps another", () => {
    const ranges = [
      ...["nodes_cidr", "load_balancer_cidr", "pods_cidr", "services_cidr"].map((one) =>
        defaultOf("modules/google-network", one),
      ),
      defaultOf("aws", "vpc_cidr"),
    ].map((range) => JSON.parse(range));
    for (const [index, one] of ranges.entries()) {
      for (const other of ranges.slice(index + 1)) assert.ok(!overlap(one, other), `${one} and ${other}`);
    }
    assert.ok(overlap("10.20.0.0/16", "10.20.16.0/20"));
  });
});

function overlap(one: string, other: string): boolean {
  const [first, second] = [one, other].map((range) => {
    const [address = "", length = "32"] = range.split("/");
    const start = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return { start, end: start + 2 ** (32 - Number(length)) };
  });
  return first !== undefined && second !== undefined && first.start < second.end && second.start < first.end;
}

suite("Kubernetes and Terraform agree", { skip: (await goBinary(goPrograms.kustomize)).skip }, () => {
  const subnets: string[] = JSON.parse(defaultOf("aws", "private_subnet_cidrs"));

  test("from outside, only the Lambda's subnets are let in", async () => {
    for (const overlay of ["starter", "production"])
      assert.deepEqual(admittedRanges(await buildOverlay(overlay)), subnets);
    const wide = await buildOverlay("starter", (copy) =>
      replaceIn(join(copy, "base/network-policies.yaml"), `cidr: ${subnets[0]}`, "cidr: 0.0.0.0/0"),
    );
    assert.notDeepEqual(admittedRanges(wide), subnets);
  });

  test("the load balancer's own firewall rule admits the same", async () => {
    for (const overlay of ["starter", "production"]) {
      const service = (await buildOverlay(overlay)).find(({ metadata }) => metadata.name === "weaviate-lb");
      assert.deepEqual(listAt(service, "spec.loadBalancerSourceRanges"), subnets);
    }
  });

  test("on the internet, the load balancer and the pods admit the same ranges", async () => {
    const ranges = async (change?: (copy: string) => void) => {
      const manifests = await buildOverlay("starter-public", change);
      const service = manifests.find(({ metadata }) => metadata.name === "weaviate-lb");
      const beyond = admittedRanges(manifests).filter((range) => !subnets.includes(range));
      return [beyond, listAt(service, "spec.loadBalancerSourceRanges")] as const;
    };
    const [pods, loadBalancer] = await ranges();
    assert.deepEqual(pods, loadBalancer);
    assert.equal(pods.length, 1);
    const [others] = await ranges((copy) =>
      replaceIn(join(copy, "components/public/network-policy.yaml"), "192.0.2.0/24", "198.51.100.0/24"),
    );
    assert.notDeepEqual(others, loadBalancer);
  });

  test("reserved addresses and the subnet have the names that the Services ask for", async () => {
    const network = readFileSync(join(folder, "modules/google-network/main.tf"), "utf8");
    const name = JSON.parse(defaultOf("modules/google-network", "name"));
    for (const overlay of ["starter", "starter-public", "production"]) {
      const service = (await buildOverlay(overlay)).find(({ metadata }) => metadata.name === "weaviate-lb");
      const annotation = (key: string) => service?.metadata.annotations?.[`networking.gke.io/${key}`];
      assert.match(network, new RegExp(`name\\s+= "${annotation("load-balancer-ip-addresses")}"`));
      const subnet = annotation("internal-load-balancer-subnet");
      if (subnet !== undefined) assert.match(network, new RegExp(`"${subnet.replace(name, "\\$\\{var.name\\}")}"`));
    }
  });

  test("the collector's load balancer asks for the address that Terraform reserves, on the port that both firewalls open", async () => {
    const read = (file: string) => readFileSync(join(folder, "modules", file), "utf8");
    const service = (await buildTelemetry()).find(({ metadata }) => metadata.name === "otel-collector-lb");
    const annotation = (key: string) => service?.metadata.annotations?.[`networking.gke.io/${key}`];
    const [address = ""] =
      /resource "google_compute_address" "collector" {[^}]*}/.exec(read("google-network/main.tf")) ?? [];
    assert.match(address, new RegExp(`name\\s+= "${annotation("load-balancer-ip-addresses")}"`));
    const name = JSON.parse(defaultOf("modules/google-network", "name"));
    assert.equal(annotation("internal-load-balancer-subnet"), `${name}-load-balancer`);
    assert.equal(annotation("load-balancer-type"), "Internal");
    assert.deepEqual(listAt(service, "spec.loadBalancerSourceRanges"), subnets);
    const [port, ...more] = listAt(service, "spec.ports").map((one) => at(one, "port"));
    assert.deepEqual(more, []);
    const rule = (text: string, kind: string) =>
      new RegExp(`"${kind}" "collector" {[\\s\\S]*?\\n}\\n`).exec(text)?.[0] ?? "";
    const google = rule(read("google-network/firewall.tf"), "google_compute_firewall");
    assert.match(google, new RegExp(`ports\\s+= \\["${port}"\\]`));
    const aws = rule(read("aws-network/security.tf"), "aws_vpc_security_group_egress_rule");
    assert.match(aws, new RegExp(`from_port\\s+= ${port}\\n\\s+to_port\\s+= ${port}\\n`));
    assert.match(readFileSync(join(folder, "aws/outputs.tf"), "utf8"), new RegExp(`"collector"\\]}:${port}"`));
  });

  test("workloads run as the accounts that Terraform binds", async () => {
    const main = readFileSync(join(folder, "gcp/main.tf"), "utf8");
    assert.match(main, /for_each\s+= toset\(\["weaviate", "ingest"\]\)/);
    const manifests = await buildOverlay("production");
    const namespace = JSON.parse(defaultOf("modules/workload-identity", "namespace"));
    const accounts = manifests
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    assert.deepEqual(accounts.sort(), [`${namespace}/ingest`, `${namespace}/weaviate`]);
    assert.equal(at(readJob(), "spec.template.spec.serviceAccountName"), "ingest");
  });

  test("ingestion tolerates the taint of its pool", () => {
    const pools = readFileSync(join(folder, "modules/gke-cluster/pools.tf"), "utf8");
    const [toleration] = listAt(readJob(), "spec.template.spec.tolerations");
    assert.match(pools, new RegExp(`key\\s+= "${at(toleration, "key")}"\\s+value\\s+= "${at(toleration, "value")}"`));
  });

  test("the Job's environment is one that the Job takes, on both overlays", async () => {
    for (const [overlay, replicas] of [
      ["starter", 1],
      ["production", 3],
    ] as const) {
      const environment = resolveJobEnvironment(await buildOverlay(overlay), readJob());
      const certificate = join(mkdtempSync(join(tmpdir(), "isthmus-job-")), "ca.crt");
      try {
        writeFileSync(certificate, "-----BEGIN CERTIFICATE-----\n");
        // What the pod mounts lies elsewhere here.
        const mounted = { WEAVIATE_CA_FILE: certificate, WEAVIATE_API_KEY_FILE: certificate };
        const job = parseJobSettings({ ...environment, ...mounted, JOB_COMPLETION_INDEX: "0" });
        assert.equal(job.settings.weaviate?.replicationFactor, replicas);
        assert.equal(job.settings.weaviate?.grpcUrl, "https://weaviate:50051");
        assert.equal(job.location, `gs://${environment["GCS_BUCKET_NAME"]}/`);
        const grace = Number(at(readJob(), "spec.template.spec.terminationGracePeriodSeconds"));
        assert.ok(job.graceMs / 1000 < grace);
      } finally {
        rmSync(dirname(certificate), { recursive: true });
      }
      // A name that nothing reads is a misspelt one.
      const known = ["src/config", "docs/operations"].map((place) => readAll(join(folder, "../..", place))).join("\n");
      for (const name of Object.keys(environment)) assert.ok(known.includes(name), name);
    }
  });

  test("the query function looks up what Terraform writes", () => {
    const service = readFileSync(join(folder, "../serverless.yml"), "utf8");
    const module = readFileSync(join(folder, "modules/weaviate-access/main.tf"), "utf8");
    const looked = [...service.matchAll(/\/isthmus\/\$\{sls:stage\}\/([\w/-]+)/g)].map(([, name = ""]) => name);
    assert.equal(looked.length, 6);
    for (const name of looked) assert.ok(module.includes(name), name);
    assert.match(service, /secretName: isthmus\/\$\{sls:stage\}\/weaviate-api-key/);
    assert.match(module, /"isthmus\/\$\{var.stage\}\/weaviate-api-key"/);
  });

  test("settings.env has what Terraform prints", () => {
    const printed = [...readFileSync(join(folder, "gcp/outputs.tf"), "utf8").matchAll(/"([A-Z_]+)=\$\{/g)].map(
      ([, key]) => key,
    );
    const settings = readFileSync(join(folder, "../k8s/base/settings.env"), "utf8");
    const first = settings.split("\n\n")[0] ?? "";
    assert.deepEqual(
      [...first.matchAll(/^([A-Z_]+)=/gm)].map(([, key]) => key),
      printed,
    );
  });
});

function readAll(place: string): string {
  return readdirSync(place)
    .map((file) => readFileSync(join(place, file), "utf8"))
    .join("\n");
}

/** Every address range that may reach a pod from outside the cluster. */
function admittedRanges(manifests: readonly Manifest[]): string[] {
  const sources = manifests
    .filter(({ kind }) => kind === "NetworkPolicy")
    .flatMap((policy) => listAt(policy, "spec.ingress"))
    .flatMap((rule) => {
      if (listAt(rule, "from").length === 0) return ["everywhere"];
      return listAt(rule, "from").map((from) => at(from, "ipBlock.cidr"));
    });
  return [...new Set(sources.filter((range) => range !== undefined).map(String))].sort();
}

suite("the modules' READMEs", { skip: await terraformMissing() }, () => {
  const ofNextGoogle = (module: string) =>
    /hashicorp\/google"\s+version = "~> 7\./.test(readFileSync(join(folder, module, "versions.tf"), "utf8"));
  // No root can ask for two versions of one provider.
  for (const next of [false, true])
    test(`every example of Google's ${next ? "next" : "present"} provider plans`, async () => {
      const copy = await copyTerraform();
      try {
        const examples = modules
          .filter((module) => ofNextGoogle(module) === next)
          .map((module) => {
            const text = readFileSync(join(folder, module, "README.md"), "utf8");
            const example = /```hcl\n([\s\S]*?)```/.exec(text)?.[1];
            assert.ok(example, `${module}/README.md has no example`);
            assert.ok(example.includes(`"../${module}"`), `${module}/README.md shows another module`);
            return example.replace(/^module "\w+"/m, `module "${module.replace(/\W/g, "_")}"`);
          });
        mkdirSync(join(copy.folder, "examples"));
        writeFileSync(join(copy.folder, "examples", "main.tf"), examples.join("\n"));
        for (const command of ["init", "plan"]) {
          const { code, output } = await copy.run("examples", command, "-no-color");
          assert.equal(code, 0, output);
        }
      } finally {
        copy.remove();
      }
    });
});
