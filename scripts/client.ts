// `npm run client`: the types and operations of `isthmus/client`, made from the OpenAPI document that `isthmus serve` gives. They are
// committed, so that a change of the API shows in what its callers see.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { served } from "../src/entry/commands/served.ts";
import { createApp } from "../src/http/app.ts";
import { generateClient, type OpenApi } from "./client/generate.ts";
import { root } from "./run.ts";

const app = createApp({
  ...served,
  engine: () => Promise.reject(new Error("nothing is searched here")),
  apiKeys: ["none"],
  maxConcurrency: 1,
  version: "0.0.0",
  deadlineMs: 1000,
});
const document = (await (await app.request("/openapi.json")).json()) as OpenApi;
writeFileSync(join(root, "src/client/generated.ts"), generateClient(document));
