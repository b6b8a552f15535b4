import { type ErrorCode, IsthmusError, toIsthmusError } from "../../../core/errors.ts";
import type { InterruptFlag } from "./interrupt.ts";

/** What a worker offers: synchronous functions, called by name from the other side. */
export type Handlers = Readonly<Record<string, (...parameters: never[]) => unknown>>;

/** Comes with the data of every worker. */
export interface WithInterruptFlag {
  readonly interruptFlag: InterruptFlag;
}

export type Request =
  | { readonly kind: "call"; readonly id: number; readonly method: string; readonly parameters: readonly unknown[] }
  /** Takes a call back that has not begun; it is answered by `cancelled`. */
  | { readonly kind: "cancel"; readonly id: number };

export type Reply =
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: ErrorShape };

/** Errors cross as their parts: structured cloning would drop the class and the code. */
export interface ErrorShape {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  readonly retryAfterMs?: number;
}

export function toShape(thrown: unknown): ErrorShape {
  const error = toIsthmusError(thrown);
  return {
    code: error.code,
    message: error.message,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

export function fromShape(shape: ErrorShape): IsthmusError {
  const { code, message, ...details } = shape;
  return new IsthmusError(code, message, details);
}

/** The same functions, with everything they throw put through `translate`. */
export function guardAll<Methods extends Handlers>(methods: Methods, translate: (thrown: unknown) => Error): Handlers {
  const guarded = Object.entries(methods).map(([name, method]) => [
    name,
    (...parameters: never[]) => {
      try {
        return method(...parameters);
      } catch (thrown) {
        throw translate(thrown);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Handlers;
}
