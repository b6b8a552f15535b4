import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LambdaArchitecture, type LambdaFunction, packageLambda } from "../../../scripts/bundle/lambda.ts";
import { unzip } from "./unzip.ts";

/** The function's zip, made anew and unpacked in a folder of its own. */
export interface PackagedFunction {
  readonly folder: string;
  /** Of the zip. */
  readonly zipBytes: number;
  /** Everything in it. */
  readonly paths: readonly string[];
  remove(): Promise<void>;
}

/** The architecture of this machine, so that the package runs here. */
export const ownArchitecture: LambdaArchitecture = process.arch === "arm64" ? "arm64" : "x86_64";

export async function packageAndUnpack(
  architecture: LambdaArchitecture = ownArchitecture,
  name: LambdaFunction = "query",
): Promise<PackagedFunction> {
  const place = await mkdtemp(join(tmpdir(), "isthmus-lambda-"));
  const remove = () => rm(place, { recursive: true, force: true });
  try {
    const zip = join(place, `${name}.zip`);
    await packageLambda(architecture, name, { folder: join(place, "bundle"), zip });
    await rm(join(place, "bundle"), { recursive: true });
    const folder = join(place, "task");
    const paths = await unzip(zip, folder);
    return { folder, zipBytes: (await stat(zip)).size, paths, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
