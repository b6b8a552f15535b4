import assert from "node:assert/strict";
import { test } from "node:test";
import { asksBack, hasIdentifier, identifiersIn, offers, wantedBy } from "./question.ts";

test("what repeats the question, or asks itself, is no answer", () => {
  const question = "How long are backups kept?";
  for (const sentence of [
    'npx isthmus query "how long are backups kept?"',
    "## How long are backups kept?",
    '{"question": "how long are backups kept?"}',
    "Why would anybody keep them?",
    "isthmus ask 'how long are the backups kept?'",
  ]) {
    assert.equal(asksBack(sentence, question), true, sentence);
  }
  for (const sentence of ["Backups are kept for 30 days.", "How long they are kept is the bucket's affair."]) {
    assert.equal(asksBack(sentence, question), false, sentence);
  }
  assert.equal(asksBack("Backups are kept.", "backups"), false, "one word is a topic, not a question");
});

test("a few words that ask nothing are answered by what is said of them, not by what only repeats them", () => {
  for (const [fragment, sentence] of [
    ["gannet colony", "A gannet colony holds ten thousand pairs."],
    ["kestrel KX-99", "The kestrel KX-99 hovers over the motorway."],
  ] as const) {
    assert.equal(asksBack(sentence, fragment), false, sentence);
    assert.equal(asksBack(`The ${fragment}`, fragment), true);
    assert.equal(asksBack(`Where is the ${fragment}?`, fragment), true);
  }
  assert.equal(asksBack("Sie fragen wo ist der Schlüssel oft am Morgen.", "wo ist der Schlüssel"), true);
  assert.equal(asksBack("On demande où est la clef chaque matin.", "où est la clef"), true);
});

test("when asks for a date, and what happens when something does does not", () => {
  for (const question of ["When was it built?", "How and when did it end?", "Since when is it so?"])
    assert.equal(wantedBy(question), "date", question);
  for (const question of ["What happens when a document is deleted?", "Is it kept when the disk is full?"])
    assert.notEqual(wantedBy(question), "date", question);
});

test("a question for a number is answered by one that it does not name itself", () => {
  assert.equal(wantedBy("How many keys are valid in 2026?"), "number");
  assert.equal(offers("number", "In 2026 keys are valid.", "How many keys are valid in 2026?"), false);
  assert.equal(offers("number", "Two keys are valid.", "How many keys are valid in 2026?"), true);
});

test("an identifier is the same however its parts are joined, and another one is another", () => {
  const identifiers = identifiersIn("Does the KX-99 need ISO9001 or B12 since the mid-1960s, in 2026, at 5pm?");
  assert.deepEqual([...identifiers], ["KX-99", "ISO9001", "B12"]);
  for (const text of ["the KX-99.", "kx 99", "KX99", "(Kx_99)"]) assert.equal(hasIdentifier(text, "KX-99"), true, text);
  for (const text of ["KX-98", "KX-999", "AKX-99", "KX-9"]) assert.equal(hasIdentifier(text, "KX-99"), false, text);
});
