import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type LambdaFunction, lambdaPlaces, packageLambda } from "../../../scripts/bundle/lambda.ts";

/**
 * Makes the zips that the template names, where they are not there yet. Test files run side by side: each makes its own beside the place and
 * moves it there whole, so none sees half of another's.
 */
export async function makeTemplateZips(): Promise<void> {
  for (const name of ["query", "answer"] satisfies LambdaFunction[]) {
    const { zip } = lambdaPlaces("x86_64", name);
    if (existsSync(zip)) continue;
    await mkdir(dirname(zip), { recursive: true });
    const place = await mkdtemp(join(dirname(zip), ".making-"));
    try {
      const made = join(place, "made.zip");
      await packageLambda("x86_64", name, { folder: join(place, "bundle"), zip: made });
      await rename(made, zip);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }
}
