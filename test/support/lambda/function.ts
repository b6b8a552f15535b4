import { type Container, type ContainerSettings, startContainer } from "./container.ts";
import type { InvocationEnd } from "./runtime-api.ts";

/** A deployed function: events go to an idle container, or to a new one. */
export interface LocalFunction {
  /** "throttled" where as many run as are reserved. */
  invoke(event: unknown, onPiece?: (piece: Buffer) => void): Promise<InvocationEnd | "throttled">;
  readonly containers: readonly Container[];
  stop(): Promise<void>;
}

/** @param reserved containers at most: the function's reserved concurrency. */
export function createLocalFunction(settings: ContainerSettings, reserved: number): LocalFunction {
  const containers: Container[] = [];
  const idle: Container[] = [];
  let count = 0;
  return {
    containers,
    async invoke(event, onPiece) {
      let container = idle.pop();
      if (container === undefined) {
        if (count >= reserved) return "throttled";
        count++;
        container = await startContainer(settings).catch((error: unknown) => {
          count--;
          throw error;
        });
        containers.push(container);
      }
      try {
        return await container.invoke(event, onPiece);
      } finally {
        idle.push(container);
      }
    },
    async stop() {
      await Promise.all(containers.map((container) => container.stop()));
    },
  };
}
