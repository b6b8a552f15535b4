// `npm run peers:build`: builds the real servers that tests run against, once, into a cache outside the checkout.
import { buildPeers } from "../test/peers/build.ts";

const binaries = await buildPeers((line) => process.stdout.write(`peers: ${line}\n`));
for (const { path } of binaries) if (path !== undefined) process.stdout.write(`peers: ${path}\n`);
process.exitCode = binaries.every(({ path }) => path !== undefined) ? 0 : 1;
