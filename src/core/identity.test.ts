import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkId, pipelineFingerprint, uuidV5 } from "./identity.ts";

test("a version 5 UUID as RFC 9562, appendix A.4, has it", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  assert.equal(uuidV5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

test("a chunk's id changes with each of its four parts, and with nothing else", () => {
  const attempt = { uri: "file:///a", version: "1", fingerprint: "f" };
  const ids = [
    chunkId(attempt, 0),
    chunkId(attempt, 1),
    chunkId({ ...attempt, uri: "file:///b" }, 0),
    chunkId({ ...attempt, version: "2" }, 0),
    chunkId({ ...attempt, fingerprint: "g" }, 0),
  ];
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(chunkId({ ...attempt }, 0), ids[0]);
});

test("the fingerprint changes with every part of the pipeline", () => {
  const identity = { model: "m", dimensions: 3, revision: "r" };
  const parts = { registry: "text@1", chunker: "chunker@1", analyzer: "english@1", identity };
  const prints = [
    parts,
    { ...parts, registry: "text@2" },
    { ...parts, chunker: "chunker@2" },
    { ...parts, analyzer: "english@2" },
    { ...parts, identity: { ...identity, model: "n" } },
    { ...parts, identity: { ...identity, dimensions: 4 } },
    { ...parts, identity: { ...identity, revision: "s" } },
  ].map(pipelineFingerprint);
  assert.equal(new Set(prints).size, prints.length);
});
