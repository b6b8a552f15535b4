import assert from "node:assert/strict";
import type { ModelIdentity } from "../../../core/types.ts";
import { openForWriting } from "./database.ts";

/** For tests: checks the file and that all tables tell the same story. Needs the writer's lock, or nobody writing. */
export function assertConsistent(file: string, identity: ModelIdentity): { documents: number; chunks: number } {
  const database = openForWriting(file, identity);
  const number = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  try {
    assert.deepEqual(
      database
        .prepare("PRAGMA integrity_check")
        .all()
        .map((row) => row["integrity_check"]),
      ["ok"],
    );
    database.exec("INSERT INTO keyword (keyword) VALUES ('integrity-check')");
    const chunks = number("SELECT count(*) FROM chunk");
    const published = number("SELECT count(*) FROM code");
    assert.equal(number("SELECT count(*) FROM vector"), chunks);
    assert.equal(number("SELECT count(*) FROM staged_terms"), chunks - published);
    assert.equal(number("SELECT count(*) FROM keyword_docsize"), published);
    assert.equal(
      number("SELECT count(*) FROM chunk c JOIN code o ON o.id = c.id JOIN vector v ON v.id = c.id"),
      published,
    );
    assert.equal(
      number("SELECT count(*) FROM chunk c JOIN keyword_docsize k ON k.id = c.id JOIN code USING (id)"),
      published,
    );
    assert.equal(
      number("SELECT count(*) FROM chunk c JOIN document d ON d.attempt = c.attempt JOIN code o ON o.id = c.id"),
      published,
    );
    assert.equal(number("SELECT coalesce(sum(chunks), 0) FROM document"), published);
    assert.equal(number("SELECT count(*) FROM metadata m LEFT JOIN chunk c ON c.id = m.chunk WHERE c.id IS NULL"), 0);
    return { documents: number("SELECT count(*) FROM document WHERE state = 'indexed'"), chunks };
  } finally {
    database.close();
  }
}
