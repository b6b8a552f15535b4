// The Job's work in a process of its own, which says how many documents it added and its peak of resident memory in MB.
import { workAsJob } from "../support/job-work.ts";

const { added, failed } = await workAsJob(process.env);
process.stdout.write(
  JSON.stringify({ added, failed, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) }),
);
