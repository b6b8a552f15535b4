import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** What one program and all that it started did, as the kernel saw it. */
export interface Observed {
  /** Addresses that something was sent to or that were connected to, loopback left out. */
  readonly connections: readonly string[];
  /** Ways of asking for a name: port 53 of anything, loopback too, and the sockets of local resolvers. */
  readonly lookups: readonly string[];
  /** Files and folders made outside the folder that was allowed. */
  readonly files: readonly string[];
  /** What lies in the home directory. */
  readonly home: readonly string[];
  /** Native libraries of packages that were loaded: real paths. */
  readonly libraries: readonly string[];
}

/** What is traced: the whole network, and every file that may be made. */
const calls = "trace=%network,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat";

/** A command that runs `command` and all that it starts under strace, its report in `file`. */
export function traced(file: string, command: readonly string[]): [string, ...string[]] {
  return [
    "strace",
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-y",
    "-s",
    "256",
    "-e",
    calls,
    // Calls in a ring could not be seen. Without one libuv, and whatever else wants it, makes them one by one.
    "-e",
    "inject=io_uring_setup:error=ENOSYS",
    "-e",
    "signal=none",
    "-o",
    file,
    "--",
    ...command,
  ];
}

/**
 * Reads a report. It may be of a program that still runs.
 *
 * @param allowed folders in which a program may make files.
 */
export function readTrace(file: string, home: string, allowed: readonly string[]): Observed {
  const connections = new Set<string>();
  const lookups = new Set<string>();
  const files = new Set<string>();
  const libraries = new Set<string>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, call = "", rest = ""] = /^\d+\s+(\w+)\((.*)$/.exec(line) ?? [];
    if (/^(connect|sendto|sendmsg|sendmmsg)$/.test(call)) {
      for (const address of addressesIn(rest)) {
        if (address.lookup) lookups.add(address.text);
        else if (!address.loopback) connections.add(address.text);
      }
    }
    for (const path of madeBy(call, rest)) {
      if (!allowed.some((folder) => path === folder || path.startsWith(`${folder}/`))) files.add(path);
    }
    const [, library] =
      /^open(?:at)?\(.*"([^"]+\.(?:node|so|dylib)(?:\.[\d.]+)?)".*O_RDONLY.*\) = \d/.exec(`${call}(${rest}`) ?? [];
    if (library !== undefined) libraries.add(library);
  }
  return {
    connections: [...connections],
    lookups: [...lookups],
    files: [...files],
    home: readdirSync(home, { recursive: true }).map(String),
    libraries: [...libraries],
  };
}

interface Address {
  readonly text: string;
  readonly lookup: boolean;
  readonly loopback: boolean;
}

function* addressesIn(text: string): Generator<Address> {
  for (const [, port = "", host = ""] of text.matchAll(
    /sin6?_port=htons\((\d+)\).*?inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"/g,
  )) {
    const loopback = /^(127\.|::1$|::ffff:127\.)/.test(host);
    yield { text: `${host}:${port}`, lookup: port === "53" || port === "853" || port === "5353", loopback };
  }
  // No program of ours speaks to a local service; libraries ask nscd and systemd for names this way.
  for (const [, path = ""] of text.matchAll(/sa_family=AF_UNIX, sun_path=@?"([^"]+)"/g)) {
    yield { text: path, lookup: /nscd|resolve/.test(path), loopback: false };
  }
}

/** Paths of what a call may have made; calls that failed count, for another machine would let them. */
function madeBy(call: string, rest: string): string[] {
  const making = /^(creat|mkdir|mkdirat|rename|renameat|renameat2|link|linkat|symlink|symlinkat)$/.test(call);
  if (!making && !(call.startsWith("open") && rest.includes("O_CREAT"))) return [];
  const paths = [...rest.matchAll(/(?:AT_FDCWD(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"/g)];
  const path = call.startsWith("open") || call.startsWith("mk") || call === "creat" ? paths[0] : paths.at(-1);
  return path === undefined ? [] : [resolve(path[1] ?? "/", path[2] ?? "")];
}

/** Native libraries of the packages under a folder, for this system and processor. */
export function nativeLibraries(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(node|so|dylib|dll)(\.[\d.]+)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
