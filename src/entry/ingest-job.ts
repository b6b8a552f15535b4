import { doctorArgument, runJobDoctor } from "./job/doctor.ts";
import { jobHelp } from "./job/help.ts";
import { createJobLog, logTheRest } from "./job/log.ts";
import { reconcileArgument, runJobReconcile } from "./job/reconcile.ts";
import { runJob } from "./job/run.ts";

const log = createJobLog((line) => process.stdout.write(line));
logTheRest(log);
const [argument, option, ...more] = process.argv.slice(2);
if (argument === "--help" || argument === "-h") {
  process.stdout.write(jobHelp);
} else if (argument === doctorArgument) {
  process.exitCode = await runJobDoctor(process.env, log);
} else if (argument === reconcileArgument && (option === undefined || option === "--repair") && more.length === 0) {
  process.exitCode = await runJobReconcile(process.env, log, { repair: option === "--repair" });
} else if (argument !== undefined) {
  const given = JSON.stringify(process.argv.slice(2).join(" "));
  log.write(
    "ERROR",
    `The Job takes no argument but doctor and reconcile [--repair] (${given} was given); see --help.`,
    {
      code: "config_invalid",
    },
  );
  process.exitCode = 1;
} else {
  process.exitCode = await runJob(process.env, log);
}
