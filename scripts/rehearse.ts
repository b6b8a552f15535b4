// `npm run rehearse`: the whole pipeline on this machine, before it touches a cloud.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildPeers } from "../test/peers/build.ts";
import { clusterMissing } from "../test/peers/cluster/able.ts";
import { rehearse } from "../test/rehearsal/rehearse.ts";
import { reportOf } from "../test/rehearsal/report.ts";

const usage = `npm run rehearse [-- --report FILE] [--json]

Goes through every step of the pipeline on this machine: Terraform against the providers' schemas; on a Kubernetes of two nodes the
rollout of Weaviate, the ingestion Job and the workers, in the images that are built on the way; the query function's zip behind a
local gateway; the smoke test; the teardown; and through four failures. It needs Linux, root, Debian's apt, Terraform 1.11, Go and
openssl; the first time it builds what it runs against, in some twenty minutes.

  --report FILE   writes the report there too (Markdown)
  --json          the report as one line of JSON

Example: npm run rehearse -- --report rehearsal.md`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { report: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  if (process.platform !== "linux") throw new Error("the query function's package is for Linux; run it there.");
  const tell = (line: string) => void process.stderr.write(`rehearse: ${line}\n`);
  const missing = (await buildPeers(tell, false)).flatMap(({ skip }) => (skip === false ? [] : [skip]));
  const noCluster = await clusterMissing();
  if (noCluster !== false) missing.push(noCluster);
  if (missing.length > 0) throw new Error(missing.join("\n"));
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      tell("stopping after this step");
      stopping.abort();
    });
  }
  const rehearsal = await rehearse(tell, { signal: stopping.signal });
  if (stopping.signal.aborted) throw new Error(`stopped after ${rehearsal.acts.length} steps`);
  const report = reportOf(rehearsal);
  if (values.report !== undefined) writeFileSync(values.report, report);
  process.stdout.write(values.json === true ? `${JSON.stringify(rehearsal)}\n` : report);
  return rehearsal.acts.every(({ passed }) => passed) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm run rehearse: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
