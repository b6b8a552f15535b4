// One ingestion in a process of its own that kills itself: `crash-child.ts <documents> <data> <share> <delay>`.
// `share` (0 to 1) of the run's events are let through, then `delay` milliseconds more: the store's threads write on
// meanwhile, so the kill falls anywhere in their work. A run that ends before says so on stdout, and is killed all the same.
import { setImmediate as turn } from "node:timers/promises";
import { createHashEmbedder } from "../support/hash-embedder.ts";
import { openTestEngine } from "../support/workspace.ts";

/** At least so many events come with a document that is written; one that is unchanged has one alone. */
const eventsPerObject = 2;

const [documents = "", data = "", share = "0", delay = "0"] = process.argv.slice(2);
const die = () => process.kill(process.pid, "SIGKILL");
let left = Number.POSITIVE_INFINITY;
const count = () => {
  if (--left <= 0) setTimeout(die, Number(delay));
};

if (Number(share) === 0) setTimeout(die, Number(delay));
const engine = await openTestEngine({ documents, data }, { embedder: createHashEmbedder({ onEmbed: () => turn() }) });
await engine.ingest({
  onEvent(event) {
    if (event.kind === "listed") left = Math.ceil(event.objects * eventsPerObject * Number(share)) + 1;
    count();
  },
});
process.stdout.write("ended\n", die);
