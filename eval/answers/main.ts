// Fits the weights of src/core/answer/weights.ts on a BEIR folder with answers.json, and says how they do on articles that were left out.
import { argv, stderr, stdout } from "node:process";
import { shippedWeights } from "../../src/core/answer/weights.ts";
import { collect } from "./collect.ts";
import { crossValidate, figuresOf, fit, judge } from "./fit.ts";

const [folder] = argv.slice(2);
if (folder === undefined || folder.startsWith("-")) {
  stderr.write("Usage: node bin/run.mjs eval/answers/main.ts BEIR-FOLDER\n");
  process.exit(folder === "--help" ? 0 : 1);
}
const folds = 6;
const tell = (line: string) => void stderr.write(`${line}\n`);
const report = await collect(folder, tell, async (found) => {
  const shipped = [];
  for (const each of found) shipped.push(await judge(each, shippedWeights, 0));
  const ships = figuresOf(shipped);
  tell(`as it ships: ${JSON.stringify(ships)}`);
  const held = figuresOf(await crossValidate(found, folds, tell));
  return { shipped: ships, held_out: held, fitted: await fit(found) };
});
stdout.write(`${JSON.stringify(report, null, 2)}\n`);
