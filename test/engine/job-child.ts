// The Job's work in a process of its own, which kills itself at a failpoint: `job-child.ts commit 1 after`. It says
// "ended" where the run never came to it.
import { type Failpoint, killingAt } from "../support/failpoint.ts";
import { workAsJob } from "../support/job-work.ts";

const [method, call, moment] = process.argv.slice(2);
const failpoint = { method, call: Number(call), moment } as Failpoint;
const { failed } = await workAsJob(process.env, (store) => killingAt(store, failpoint));
process.stdout.write(failed === 0 ? "ended" : `${failed} failed`);
