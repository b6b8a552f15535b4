import { type Binary, type GoProgram, goBinary } from "./binaries.ts";
import { checkovBinary } from "./checkov.ts";
import { clusterMissing } from "./cluster/able.ts";
import { nodeBaseImage, platformImages } from "./cluster/images.ts";
import { lambdaClient } from "./lambda-client.ts";
import { languageModel } from "./language-model.ts";
import { goPrograms } from "./programs.ts";
import { type PythonProgram, pythonBinary, pythonPrograms } from "./python.ts";
import { newerSchemaFile } from "./terraform/newer.ts";
import { schemaFile, schemaSources } from "./terraform/schemas.ts";
import { zipkinJar } from "./zipkin.ts";

/** What tests alone run against, and the rehearsal does not. */
const forTestsAlone: ReadonlySet<GoProgram> = new Set([
  goPrograms.lambdaEmulator,
  goPrograms.otelCollector,
  goPrograms.promtool,
  goPrograms.kubeScore,
]);

/**
 * Builds every peer that is not cached yet, one after the other.
 *
 * @param whole with what tests alone need; default true. @throws with CI=true where one cannot be had.
 */
export async function buildPeers(tell: (line: string) => void, whole = true): Promise<Binary[]> {
  const binaries: Binary[] = [];
  for (const program of Object.values<GoProgram>(goPrograms)) {
    if (!whole && forTestsAlone.has(program)) continue;
    const binary = await goBinary(program, tell);
    if (binary.skip !== false) tell(binary.skip);
    binaries.push(binary);
  }
  const forTests = async () => [
    await zipkinJar(tell),
    checkovBinary(tell),
    lambdaClient(tell),
    languageModel(tell),
    ...Object.values<PythonProgram>(pythonPrograms)
      // Only where the machine has none: Zipkin asks for it.
      .filter((program) => program !== pythonPrograms.java)
      .map((program) => pythonBinary(program, tell)),
  ];
  const others = [
    ...(whole ? await forTests() : []),
    ...schemaSources.map((source) => schemaFile(source, tell)),
    newerSchemaFile(tell),
  ];
  for (const binary of others) {
    if (binary.skip !== false) tell(binary.skip);
    binaries.push(binary);
  }
  const skip = await clusterMissing(tell);
  if (skip !== false) tell(skip);
  else {
    tell("building the images that every node of a cluster holds (about a minute, once)");
    await platformImages();
    nodeBaseImage();
  }
  return binaries;
}
