import { type FunctionPlace, functionNames, serviceName, type Versions } from "./query-function.ts";
import type { Tools } from "./tools.ts";

/** Snapshots of the API that are kept; the template lets none go by itself. */
const kept = 20;

interface ApiDeployment {
  readonly id: string;
  readonly description?: string;
  /** As text, or in seconds, by the version of the program. */
  readonly createdDate: string | number;
}

const instant = ({ createdDate }: ApiDeployment) =>
  typeof createdDate === "number" ? createdDate * 1000 : Date.parse(createdDate);

/** What a deployment of the API says of the versions that it came with. */
const markOf = (versions: Versions) => functionNames.map((name) => `${name} ${versions[name]}`).join(", ");

async function read<Answer>(args: readonly string[], { region }: FunctionPlace, tools: Tools): Promise<Answer> {
  const { stdout } = await tools.ask("aws", [...args, "--region", region, "--output", "json"]);
  return JSON.parse(stdout) as Answer;
}

/** The API, its snapshots, newest first, and the one that its stage serves. */
async function lookAt(place: FunctionPlace, tools: Tools) {
  const stack = ["--stack-name", `${serviceName}-${place.stage}`, "--logical-resource-id", "ApiGatewayRestApi"];
  const { StackResourceDetail } = await read<{ readonly StackResourceDetail: { readonly PhysicalResourceId: string } }>(
    ["cloudformation", "describe-stack-resource", ...stack],
    place,
    tools,
  );
  const api = ["--rest-api-id", StackResourceDetail.PhysicalResourceId];
  const { deploymentId: served } = await read<{ readonly deploymentId: string }>(
    ["apigateway", "get-stage", ...api, "--stage-name", place.stage],
    place,
    tools,
  );
  const { items = [] } = await read<{ readonly items?: readonly ApiDeployment[] }>(
    ["apigateway", "get-deployments", ...api],
    place,
    tools,
  );
  return { api, served, deployments: items.toSorted((one, other) => instant(other) - instant(one)) };
}

const replacing = (path: string, value: string) => [
  "--patch-operations",
  JSON.stringify([{ op: "replace", path, value }]),
];

/** Writes on the snapshot that is served which versions it came with, and lets go of those that are too many. */
export async function markDeployment(place: FunctionPlace, versions: Versions, tools: Tools): Promise<void> {
  const { api, served, deployments } = await lookAt(place, tools);
  const change = (command: string, id: string, ...more: string[]) =>
    tools.change("aws", [
      ...["apigateway", command, ...api, "--deployment-id", id],
      ...[...more, "--region", place.region, "--output", "json"],
    ]);
  await change("update-deployment", served, ...replacing("/description", markOf(versions)));
  for (const { id } of deployments.slice(kept)) if (id !== served) await change("delete-deployment", id);
}

/**
 * Lets the stage serve what was deployed with these versions: the page that fits them, and whatever else the gateway answers itself.
 *
 * @returns the snapshots it goes from and to: the same where it is there, none where there is no such snapshot.
 */
export async function moveStage(
  place: FunctionPlace,
  versions: Versions,
  tools: Tools,
): Promise<{ readonly from: string; readonly to?: string }> {
  const { api, served, deployments } = await lookAt(place, tools);
  const fitting = deployments.filter(({ description }) => description === markOf(versions));
  const to = fitting.find(({ id }) => id === served) ?? fitting[0];
  if (to === undefined) return { from: served };
  if (to.id !== served) {
    const args = ["apigateway", "update-stage", ...api, "--stage-name", place.stage];
    const rest = ["--region", place.region, "--output", "json"];
    await tools.change("aws", [...args, ...replacing("/deploymentId", to.id), ...rest]);
  }
  return { from: served, to: to.id };
}
