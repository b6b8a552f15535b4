import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, pid } from "node:process";
import { test } from "node:test";
import { family } from "../../bench/proc.ts";
import { deploymentSkip, startDeployment } from "../support/lambda/deployment.ts";

const skip = await deploymentSkip();

test("where packaging fails, the Weaviate that was started beside it is stopped", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "isthmus-deployment-"));
  const usual = env["TMPDIR"];
  env["TMPDIR"] = folder;
  try {
    const before = family(pid);
    await assert.rejects(
      startDeployment(undefined, () => Promise.reject(new Error("no package today"))),
      /no package today/,
    );
    assert.deepEqual(family(pid), before);
    assert.deepEqual(await readdir(folder), []);
  } finally {
    if (usual === undefined) delete env["TMPDIR"];
    else env["TMPDIR"] = usual;
    await rm(folder, { recursive: true, force: true });
  }
});
