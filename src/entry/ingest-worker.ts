import { createJobLog, logTheRest } from "./job/log.ts";
import { workerHelp } from "./worker/help.ts";
import { runWorker } from "./worker/run.ts";

const log = createJobLog((line) => process.stdout.write(line));
logTheRest(log);
const [argument] = process.argv.slice(2);
if (argument === "--help" || argument === "-h") {
  process.stdout.write(workerHelp);
} else if (argument !== undefined) {
  log.write("ERROR", `The worker takes no argument (${JSON.stringify(argument)} was given); see --help.`, {
    code: "config_invalid",
  });
  process.exitCode = 1;
} else {
  process.exitCode = await runWorker(process.env, log);
}
