type Close = () => Promise<void>;

/** What a command has opened. */
export interface Closing {
  /** @returns closes this one now, ahead of the others; once only. */
  add(close: Close): Close;
  /** Closes what is still open, the last opened first, whatever fails on the way; then throws the first failure. */
  closeAll(): Promise<void>;
}

export function createClosing(): Closing {
  const open: Close[] = [];
  return {
    add(close) {
      open.push(close);
      return async () => {
        const at = open.lastIndexOf(close);
        if (at < 0) return;
        open.splice(at, 1);
        await close();
      };
    },
    async closeAll() {
      const failures: unknown[] = [];
      for (let close = open.pop(); close !== undefined; close = open.pop()) {
        try {
          await close();
        } catch (thrown) {
          failures.push(thrown);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Uses what `use` opens and closes it all, also when it fails; its own failure counts before one of closing. */
export async function closingAll<Result>(use: (closing: Closing) => Promise<Result>): Promise<Result> {
  const closing = createClosing();
  let result: Result;
  try {
    result = await use(closing);
  } catch (thrown) {
    await closing.closeAll().catch(() => {});
    throw thrown;
  }
  await closing.closeAll();
  return result;
}
