// A worker in a process of its own, to be killed: `worker-child.ts [failpoint as JSON]`, configured by the environment.

import { startEventWorker } from "../support/events.ts";
import { killingAt } from "../support/failpoint.ts";

const [failpoint] = process.argv.slice(2);
const worker = await startEventWorker(process.env, {
  ...(failpoint !== undefined && { wrapStore: (store) => killingAt(store, JSON.parse(failpoint)) }),
});
process.stdout.write("started\n");
process.once("SIGTERM", () => void worker.stop().then(() => process.exit(0)));
