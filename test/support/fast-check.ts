import fc from "fast-check";
import { testSeed } from "./seed.ts";

fc.configureGlobal({ seed: testSeed });

/** fast-check, which draws what `ISTHMUS_TEST_SEED` says. */
export { fc };
