import type { DatabaseSync } from "node:sqlite";
import { IsthmusError } from "../../../core/errors.ts";

/** Tells work that runs long whether anybody still waits for it. */
export interface Interrupt {
  /** @throws `cancelled` once nobody does. */
  throwIfInterrupted(): void;
}

export const neverInterrupted: Interrupt = { throwIfInterrupted() {} };

/** Holds the number of the call that is to be interrupted. Both threads see it: a worker in the midst of a query reads no messages. */
export type InterruptFlag = Int32Array<SharedArrayBuffer>;

export function createInterruptFlag(): InterruptFlag {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** The working side of the flag; `begin` is told the number of each call before it is answered. */
export function createInterrupt(flag: InterruptFlag): Interrupt & { begin(call: number): void } {
  let current = 0;
  return {
    begin(call) {
      current = call;
    },
    throwIfInterrupted() {
      if (Atomics.load(flag, 0) === current) throw interrupted();
    },
  };
}

export function interrupted(): IsthmusError {
  return new IsthmusError("cancelled", "The search was cancelled.");
}

/**
 * Gives the connection an SQL function that ends the statement it is part of once the interrupt has fired: `node:sqlite`
 * has no other way in. A statement asks by `interruptible(row)`.
 */
export function allowInterrupts(database: DatabaseSync, interrupt: Interrupt): void {
  database.function("go_on", () => {
    interrupt.throwIfInterrupted();
    return 1;
  });
}

/**
 * A condition that is always true, for statements over many rows: asks each sixteenth row, since a call from SQLite into
 * JavaScript costs as much as reading the row (60,000 rows: 5 ms asking each, 0.5 ms so).
 * @param row the SQL of an integer that differs from row to row.
 */
export function interruptible(row: string): string {
  return `(${row} % 16 <> 0 OR go_on())`;
}
