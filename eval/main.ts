import { argv, stderr, stdout } from "node:process";
import { endOnSignals, understood } from "../bench/command.ts";
import { withScratch } from "../bench/scratch.ts";
import { parseSettings } from "../src/config/parse.ts";
import { IsthmusError } from "../src/core/errors.ts";
import { differences, readQuestions } from "./against.ts";
import {
  answerLosses,
  linesOf,
  measureDocsAnswers,
  readAnswerBaseline,
  writeAnswerBaseline,
} from "./answers/docs-answers.ts";
import { readBaseline } from "./baseline.ts";
import { runGate } from "./gate.ts";
import { parseCommandLine, usage, type Wanted } from "./options.ts";
import { classHere, readSample, writeSample } from "./processor.ts";
import { makeRecallData } from "./recall.ts";
import { openStores } from "./stores.ts";
import { docsSet, exactSet, openTestSet } from "./test-set.ts";
import { takeAsBaseline, verdict } from "./verdict.ts";

async function run(wanted: Wanted): Promise<number> {
  const line = (text: string) => (wanted.json ? stderr : stdout).write(`${text}\n`);
  const tell = (text: string) => stderr.isTTY && stderr.write(`\r\u001B[2K${text}`);
  if (wanted.sample !== undefined) {
    await writeSample(wanted.sample);
    line(`written to eval/processors.json as ${wanted.sample}`);
    return 0;
  }
  // A folder that is not there is told before minutes have gone by.
  const sets = await Promise.all([docsSet, exactSet, ...wanted.folders].map(openTestSet));
  const baseline = await readBaseline();
  const other = wanted.against === undefined ? undefined : await readQuestions(wanted.against);
  const processor = await classHere(await readSample());
  return await withScratch(async (folder) => {
    const { stores, missing, close } = await openStores(wanted.stores, folder, line);
    try {
      const recallData = await makeRecallData(docsSet);
      const outcome = await runGate({ sets, stores, recallData, baseline, processor, line, tell });
      const { results } = outcome;
      const answers = await measureDocsAnswers(parseSettings({ ISTHMUS_DATA_DIR: folder }), tell);
      tell("");
      for (const text of linesOf(answers)) line(text);
      const losses = [...outcome.losses, ...answerLosses(answers, await readAnswerBaseline(), processor)];
      if (other !== undefined) for (const text of differences(results, other)) line(text);
      if (wanted.json) stdout.write(`${JSON.stringify({ results, answers: answers.evaluation, losses, missing })}\n`);
      for (const name of missing) line(`NOT MEASURED: ${name}, which cannot be had here (see above)`);
      if (!wanted.update) return verdict({ ...outcome, losses }, line);
      if (processor !== undefined) await writeAnswerBaseline(processor, answers.figures);
      return await takeAsBaseline(outcome, baseline, line);
    } finally {
      await close();
    }
  });
}

const wanted = understood(() => parseCommandLine(argv.slice(2)), usage);
endOnSignals();
try {
  process.exitCode = await run(wanted);
} catch (error) {
  if (!(error instanceof IsthmusError)) throw error;
  const { code, message } = error;
  stderr.write(`${message}\n`);
  if (wanted.json) stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  process.exitCode = 1;
}
