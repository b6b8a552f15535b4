import { type Baseline, writeBaseline } from "./baseline.ts";
import type { GateOutcome } from "./gate.ts";
import { forgotten, lowered } from "./update.ts";

/** Says what was lost. @returns the exit code: 1 when something was. */
export function verdict({ losses }: GateOutcome, line: (text: string) => void): number {
  for (const loss of losses) line(`LOST: ${loss}`);
  return losses.length === 0 ? 0 : 1;
}

/** Writes what was measured as the new baseline, saying what is lower than before. @returns the exit code. */
export async function takeAsBaseline(
  { measured }: GateOutcome,
  before: Baseline,
  line: (text: string) => void,
  path?: string,
): Promise<number> {
  if (measured === undefined) {
    line("NOT WRITTEN: this processor is of no known class. Add its vectors by --sample NAME first.");
    return 1;
  }
  for (const figure of lowered(before, measured)) line(`LOWERED: ${figure}`);
  for (const figure of forgotten(before, measured)) line(`FORGOTTEN: ${figure}: measure it again on such a processor`);
  await writeBaseline(measured, path);
  line("written to eval/baseline.json");
  return 0;
}
