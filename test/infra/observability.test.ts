import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { goBinary } from "../peers/binaries.ts";
import { goPrograms } from "../peers/programs.ts";
import { startWeaviate, type Weaviate, weaviateBinary } from "../peers/weaviate.ts";
import { createDesk, type Desk, root } from "../support/cli.ts";
import { podOf } from "./cluster.ts";
import { at, buildEvents, buildOverlay, listAt, type Manifest, readJob } from "./manifests.ts";

const folder = join(root, "infra/observability");
const rulesFile = join(folder, "rules.yaml");
const promtool = await goBinary(goPrograms.promtool);
const weaviateMissing = (await weaviateBinary()).skip;

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const groups: readonly { readonly rules: readonly Rule[] }[] = parse(readFileSync(rulesFile, "utf8")).groups;
const rules = groups.flatMap((group) => group.rules);
const dashboards = readdirSync(join(folder, "dashboards")).map((name) => ({
  name,
  board: JSON.parse(readFileSync(join(folder, "dashboards", name), "utf8")) as {
    readonly uid: string;
    readonly panels: readonly { readonly id: number; readonly targets: readonly { readonly expr: string }[] }[];
  },
}));
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...dashboards.flatMap(({ board }) => board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
];

/** What a program of its own shows, and the test that sees it there. */
const seenElsewhere: Readonly<Record<string, string>> = {
  isthmus_changes_in_hand: "test/telemetry/ingestion.test.ts",
  isthmus_changes_oldest_seconds: "test/telemetry/ingestion.test.ts",
  isthmus_changes_total: "test/telemetry/ingestion.test.ts",
  isthmus_changes_age_seconds_bucket: "test/telemetry/ingestion.test.ts",
  isthmus_reconciliation_differences: "test/telemetry/ingestion.test.ts",
  isthmus_reconciliation_completed_seconds: "test/telemetry/ingestion.test.ts",
  faas_coldstarts_total: "test/telemetry/function.test.ts",
  isthmus_search_turned_away_total: "src/telemetry/telemetry.test.ts",
  isthmus_commits_superseded_total: "src/telemetry/telemetry.test.ts",
  isthmus_generate_tokens_total: "src/telemetry/telemetry.test.ts",
  isthmus_generate_dollars_total: "src/telemetry/telemetry.test.ts",
};

/** Names of metrics in an expression of PromQL, with the labels that are asked of each. */
function metricsIn(expression: string): { readonly name: string; readonly labels: readonly string[] }[] {
  const bare = expression
    .replaceAll(/\b(?:by|without|on|ignoring|group_left)\s*\([^)]*\)/g, "")
    .replaceAll(/\[[^\]]*\]|\boffset \w+/g, "");
  return [...bare.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?/g)].flatMap(([, name = "", rest = ""]) => {
    if (rest === "(" || ["and", "or", "unless", "by"].includes(name)) return [];
    // A matcher's own words are matched again, for its braces are not taken by a name before them.
    return [{ name, labels: [...rest.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, label = ""]) => label) }];
  });
}

describe("the rules of Prometheus", { skip: promtool.skip }, () => {
  const run = async (...args: string[]) => await promisify(execFile)(promtool.path ?? "", args, { cwd: folder });

  it("are sound", async () => {
    const { stdout } = await run("check", "rules", "--lint=all", "--lint-fatal", "rules.yaml");
    assert.match(stdout, /SUCCESS/);
  });

  it("fire when they should, and not before", async () => {
    const { stdout } = await run("test", "rules", "rules.test.yaml");
    assert.match(stdout, /SUCCESS/);
  });
});

describe("dashboards and rules", () => {
  it("have for each alert a test that fires it, and one that it does not always", () => {
    const { tests } = parse(readFileSync(join(folder, "rules.test.yaml"), "utf8")) as {
      readonly tests: readonly {
        readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly object[] }[];
      }[];
    };
    const tried = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const names = (fires: boolean) =>
      new Set(tried.filter(({ exp_alerts = [] }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname));
    const alerts = rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert]));
    assert.deepEqual(alerts.filter((alert) => !names(true).has(alert)).sort(), []);
    assert.deepEqual(alerts.filter((alert) => !names(false).has(alert)).sort(), []);
  });

  it("lead from each alert to its page", () => {
    const guide = readFileSync(join(root, "docs/operations/observe.md"), "utf8");
    const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    const alerts = rules.filter(({ alert }) => alert !== undefined);
    assert.ok(alerts.length >= 15);
    for (const { alert, annotations } of alerts) {
      const [page, anchor = ""] = (annotations?.["runbook"] ?? "").split("#");
      assert.equal(page, "docs/operations/observe.md", alert);
      assert.ok(anchors.includes(anchor), `${alert} has no page: ${anchor}`);
    }
  });

  it("get their numbers from every pod that has some: the page's objects select each, by a port that it names", async () => {
    const page = readFileSync(join(root, "docs/operations/observe.md"), "utf8");
    const objects = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
      .flatMap(([, block = ""]) => parseAllDocuments(block).map((document): Manifest => document.toJS()))
      .filter(({ kind }) => kind === "PodMonitoring");
    const manifests = [...(await buildOverlay("production")), ...(await buildEvents("production")), readJob()];
    const pods = manifests.flatMap((manifest) => {
      const job = at(manifest, "spec.jobTemplate.spec");
      return podOf(job === undefined ? manifest : { ...manifest, spec: job }) ?? [];
    });
    const called = new Map(pods.map((pod) => [pod.metadata.labels?.["app.kubernetes.io/name"], pod]));
    assert.deepEqual(objects.map(({ metadata }) => metadata.name).sort(), [...called.keys()].sort());
    for (const { metadata, spec } of objects) {
      assert.deepEqual(at(spec, "selector.matchLabels"), { "app.kubernetes.io/name": metadata.name });
      assert.equal(metadata.namespace, "isthmus");
      const ports = listAt(called.get(metadata.name), "spec.containers").flatMap((container) =>
        listAt(container, "ports"),
      );
      const named = `${at(spec, "endpoints.0.port")}`;
      assert.ok(
        ports.some((one) => at(one, "name") === named),
        `${metadata.name} has no port ${named}`,
      );
    }
  });

  it("count in the prices of infra/prices.json", () => {
    const { prices } = JSON.parse(readFileSync(join(root, "infra/prices.json"), "utf8")) as {
      readonly prices: Readonly<Record<string, { readonly amount: number }>>;
    };
    const of = (name: string) => prices[name]?.amount ?? Number.NaN;
    const query = rules.find(({ record }) => record === "isthmus:query:dollars")?.expr ?? "";
    const [request, second] = [...query.matchAll(/\d+\.\d+/g)].map(([number]) => Number(number));
    assert.equal(request, (of("lambdaRequests") + of("restApiRequests")) / 1e6);
    assert.equal(second, of("lambdaGbSecondX86"));
    const chunk = rules.find(({ record }) => record === "isthmus:chunk:dollars")?.expr ?? "";
    assert.ok(chunk.startsWith(`${of("nodeHour")} / 4 / 3600`), chunk);
  });

  it("have names and panels of their own", () => {
    assert.equal(new Set(dashboards.map(({ board }) => board.uid)).size, dashboards.length);
    for (const { name, board } of dashboards) {
      assert.ok(board.panels.length >= 6, name);
      assert.equal(new Set(board.panels.map(({ id }) => id)).size, board.panels.length, name);
    }
  });
});

describe("every metric that dashboards and rules name", { skip: weaviateMissing }, () => {
  let weaviate: Weaviate;
  let desk: Desk;
  /** Labels of all series, by the name of the metric. */
  const shown = new Map<string, Set<string>>();
  before(async () => {
    weaviate = await startWeaviate({ environment: { PROMETHEUS_MONITORING_ENABLED: "true" } });
    desk = createDesk({
      ISTHMUS_STORE: "weaviate",
      WEAVIATE_URL: weaviate.url,
      WEAVIATE_GRPC_URL: weaviate.grpcUrl,
      WEAVIATE_API_KEY: weaviate.keys.admin,
      ISTHMUS_REPLICATION_FACTOR: "1",
      ISTHMUS_METRICS: "true",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:9/v1/traces",
    });
    desk.write("deletion.md", "# Deletion\n\nA document is deleted by its tombstone.");
    desk.write("broken.pdf", "no pdf");
    const started = desk.start("start", join(desk.folder, "documents"));
    const [, url = ""] = await started.seen(/(http:\/\/127[\d.:]+)/);
    await started.seen(/1 added/);
    for (const [path, body] of [
      ["/query", { query: "how is a document deleted?" }],
      ["/answer", { question: "How is a document deleted?" }],
    ] as const) {
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 200, await response.text());
    }
    for (const address of [`${url}/metrics`, weaviate.nodes[0]?.metricsUrl ?? ""]) {
      const text = await (await fetch(address)).text();
      for (const [, name = "", labels = ""] of text.matchAll(/^([a-zA-Z_:][\w:]*)(\{.*\})? \S+$/gm)) {
        const known = shown.get(name) ?? new Set();
        for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
        shown.set(name, known);
      }
    }
  });
  after(async () => {
    await desk?.clear();
    await weaviate?.stop();
  });

  it("is really shown, with the labels that are asked for", () => {
    const recorded = new Set(rules.flatMap(({ record }) => (record === undefined ? [] : [record])));
    const given = new Set(["job", "instance", "pod"]);
    const unknown = new Set<string>();
    for (const expression of expressions) {
      for (const { name, labels } of metricsIn(expression)) {
        if (recorded.has(name) || Object.hasOwn(seenElsewhere, name)) continue;
        const known = shown.get(name);
        if (known === undefined) unknown.add(name);
        for (const label of labels)
          if (known?.has(label) === false && !given.has(label)) unknown.add(`${name}{${label}}`);
      }
    }
    assert.deepEqual([...unknown].sort(), []);
  });

  it("is seen where this file says so, if not here", () => {
    for (const [name, file] of Object.entries(seenElsewhere)) {
      const plain = name.replace(/(_seconds)?(_bucket|_total)?$/, "");
      const told = readFileSync(join(root, file), "utf8").replaceAll(".", "_");
      assert.ok(told.includes(plain), `${file} does not see ${name}`);
    }
  });

  it("is listed in docs/telemetry.md, if it is ours", () => {
    const page = readFileSync(join(root, "docs/telemetry.md"), "utf8");
    const ours = [...shown.keys()].filter((name) =>
      /^(isthmus|http_server|db_client|process_cpu_time|process_memory)/.test(name),
    );
    const listed = new Set([...page.matchAll(/`([a-z][a-z._]+)`/g)].map(([, name = ""]) => name.replaceAll(".", "_")));
    for (const name of ours) {
      const plain = name.replace(/(_(seconds|bytes))?(_(total|bucket|sum|count))?$/, "");
      assert.ok(listed.has(plain), `docs/telemetry.md does not list ${plain}`);
    }
  });
});
