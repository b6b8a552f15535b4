// Gives Weaviate's users their rights, after its first start and after each change of roles.json.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { applyRoles } from "./apply-roles.ts";

const help = `Usage: node bin/run.mjs infra/weaviate/roles.ts --url URL --key-file FILE [--json]

Gives the users reader and writer of a Weaviate the rights of infra/weaviate/roles.json. Again is harmless.

  --url URL         Weaviate's HTTP address
  --key-file FILE   holds the root key ("-": standard input)
  --json            one line of JSON

Example, with the cluster's own port forwarded to this machine:
  kubectl -n isthmus port-forward service/weaviate 8080 &
  gcloud secrets versions access latest --secret weaviate-api-key |
    node bin/run.mjs infra/weaviate/roles.ts --url http://127.0.0.1:8080 --key-file -
`;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    "key-file": { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const { url, "key-file": keyFile } = values;
if (values.help) process.stdout.write(help);
else if (url === undefined || keyFile === undefined) {
  process.stderr.write(`--url and --key-file are both needed.\n\n${help}`);
  process.exitCode = 1;
} else {
  try {
    const changes = await applyRoles(url, readFileSync(keyFile === "-" ? 0 : keyFile, "utf8").trim());
    if (values.json) process.stdout.write(`${JSON.stringify({ roles: changes })}\n`);
    else for (const { role, change } of changes) process.stdout.write(`${role}: ${change}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
