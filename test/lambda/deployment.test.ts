import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, kill, pid } from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { family } from "../../bench/proc.ts";
import { deploymentSkip, startDeployment } from "../support/lambda/deployment.ts";

const skip = await deploymentSkip();

test("where packaging fails, the Weaviate that was started beside it is stopped", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-deployment-"));
  const usual = env["TMPDIR"];
  env["TMPDIR"] = folder;
  const before = family(pid);
  const started = () => family(pid).filter((each) => !before.includes(each));
  try {
    await assert.rejects(
      startDeployment(undefined, async () => {
        while (started().length === 0) await sleep(10);
        throw new Error("no package today");
      }),
      /no package today/,
    );
    assert.deepEqual(started(), []);
    assert.deepEqual(await readdir(folder), []);
  } finally {
    for (const left of started()) kill(left, "SIGKILL");
    if (usual === undefined) delete env["TMPDIR"];
    else env["TMPDIR"] = usual;
    await rm(folder, { recursive: true, force: true });
  }
});
