import { doctorArgument, runJobDoctor } from "./job/doctor.ts";
import { jobHelp } from "./job/help.ts";
import { createJobLog } from "./job/log.ts";
import { runJob } from "./job/run.ts";

const log = createJobLog((line) => process.stdout.write(line));
const [argument] = process.argv.slice(2);
if (argument === "--help" || argument === "-h") {
  process.stdout.write(jobHelp);
} else if (argument === doctorArgument) {
  process.exitCode = await runJobDoctor(process.env, log);
} else if (argument !== undefined) {
  log.write("ERROR", `The Job takes no argument but doctor (${JSON.stringify(argument)} was given); see --help.`, {
    code: "config_invalid",
  });
  process.exitCode = 1;
} else {
  process.exitCode = await runJob(process.env, log);
}
