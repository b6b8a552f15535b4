// `npm run client`: the types and operations of `isthmus/client`, made from the OpenAPI document that `isthmus serve` gives. They are
// committed, so that a change of the API shows in what its callers see.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createActivity } from "../src/entry/activity.ts";
import { served } from "../src/entry/commands/served.ts";
import { createApp } from "../src/http/app.ts";
import { doctorExtension } from "../src/http/live/doctor.ts";
import { editingExtension } from "../src/http/live/editing.ts";
import { eventsExtension } from "../src/http/live/events.ts";
import { generateClient, type OpenApi } from "./client/generate.ts";
import { root } from "./run.ts";

const nothing = () => Promise.reject(new Error("nothing is searched or written here"));
const app = createApp({
  ...served,
  extensions: [
    eventsExtension(createActivity().feed, new AbortController().signal),
    editingExtension({ maxBytes: 0, add: nothing, retry: nothing, remove: nothing, adding: () => false }),
    doctorExtension(async function* () {}),
  ],
  engine: nothing,
  apiKeys: ["none"],
  maxConcurrency: 1,
  version: "0.0.0",
  deadlineMs: 1000,
});
const document = (await (await app.request("/openapi.json")).json()) as OpenApi;
writeFileSync(join(root, "src/client/generated.ts"), generateClient(document));
