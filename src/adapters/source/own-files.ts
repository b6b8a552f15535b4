import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** The folder in which the program keeps its own state, and which names in it are its own. */
export interface OwnFolder {
  readonly directory: string;
  owns(name: string): boolean;
}

/**
 * The program's own files by what they are: a hard link or a second mount of the folder gives them any name. They must
 * never be opened by a source: when a process closes any descriptor of a file, POSIX drops all the locks that it has on
 * that file, so reading the index's lock gives the lock away.
 */
export interface OwnFiles {
  /** Looks again which files there are. */
  refresh(): Promise<void>;
  has(stats: BigIntStats): boolean;
}

export function createOwnFiles(folder: OwnFolder | undefined): OwnFiles {
  let identities = new Set<string>();
  return {
    async refresh() {
      if (folder === undefined) return;
      const names = await readdir(folder.directory).catch(() => []);
      const found = await Promise.all(
        names
          .filter(folder.owns)
          .map((name) => stat(join(folder.directory, name), { bigint: true }).catch(() => undefined)),
      );
      identities = new Set(found.filter((stats) => stats !== undefined).map(identityOf));
    },
    has: (stats) => identities.size > 0 && identities.has(identityOf(stats)),
  };
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev} ${ino}`;
}
