import assert from "node:assert/strict";
import { execPath } from "node:process";
import { test } from "node:test";
import { startPeerProcess } from "./peer-process.ts";

const echo = `
  const { createInterface } = require("node:readline");
  console.log(JSON.stringify({ ready: process.env.GREETING }));
  createInterface({ input: process.stdin }).on("line", (line) => {
    const request = JSON.parse(line);
    if (request.op === "leave") process.exit(3);
    console.log(JSON.stringify({ answer: request.number * 2 }));
  });
`;
const start = (program: string) => startPeerProcess("The peer", execPath, ["-e", program], { GREETING: "hello" });

test("a peer greets, answers in turn, and ends with its input", async () => {
  const peer = await start(echo);
  assert.deepEqual(peer.hello, { ready: "hello" });
  assert.deepEqual(await peer.ask({ op: "double", number: 2 }), { answer: 4 });
  assert.deepEqual(await peer.ask({ op: "double", number: 5 }), { answer: 10 });
  await peer.close();
});

test("a peer that ends instead of answering is told of, before its first line and after", async () => {
  await assert.rejects(start("process.exit(1)"), /The peer ended; its message stands above/);
  await assert.rejects(
    startPeerProcess("The peer", `${execPath}-that-is-not-there`, [], {}),
    /The peer could not be started: .*ENOENT/,
  );
  const peer = await start(echo);
  await assert.rejects(peer.ask({ op: "leave" }), /The peer ended/);
  await assert.rejects(peer.ask({ op: "double", number: 1 }), /The peer ended/);
  await peer.close();
});
