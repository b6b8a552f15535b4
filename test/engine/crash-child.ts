// One ingestion in a process of its own, to be killed: `crash-child.ts <documents> <data>`. Tells its events on stdout.
import { setImmediate as turn } from "node:timers/promises";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { openTestEngine } from "../support/workspace.ts";

const [documents = "", data = ""] = process.argv.slice(2);
const engine = await openTestEngine({ documents, data }, { embedder: createHashEmbedder({ onEmbed: () => turn() }) });
await engine.ingest({ onEvent: (event) => process.stdout.write(`${event.kind}\n`) });
await engine.close();
