import { createExtractiveGenerator } from "./extractive.ts";
import { generatorContract } from "./generator.contract.ts";

generatorContract("extractive", async () => ({ generator: createExtractiveGenerator(), close: async () => {} }));
