import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createBucketClient } from "../../peers/bucket-client.ts";
import type { Call } from "./flags.ts";

/** Where objects are: in folders, or on a server that speaks Cloud Storage's API. */
interface Objects {
  /** Undefined where there is none. */
  read(url: string): Promise<Buffer | undefined>;
  write(url: string, bytes: Buffer, contentType: string | undefined): Promise<void>;
  remove(url: string): Promise<void>;
}

/** `gcloud storage`, as far as the pipeline uses it, with gcloud's own message for what is not there. */
export async function storage(edge: string, { command, positional, flags }: Call): Promise<boolean> {
  if (!command.startsWith("storage ")) return false;
  const server = join(edge, "storage-server");
  const objects = existsSync(server) ? onServer(readFileSync(server, "utf8")) : inFolder(join(edge, "buckets"));
  const [from = "", to = ""] = positional;
  const bytes = from.startsWith("gs://") ? await objects.read(from) : readFileSync(from);
  if (bytes === undefined) {
    const name = command.replace(" ", ".");
    process.stderr.write(`ERROR: (gcloud.${name}) The following URLs matched no objects or files:\n${from}\n`);
    process.exitCode = 1;
  } else if (command === "storage cat") process.stdout.write(bytes);
  else if (command === "storage rm") await objects.remove(from);
  else if (to.startsWith("gs://")) await objects.write(to, bytes, flags["--content-type"]);
  else writeFileSync(to, bytes);
  return true;
}

function inFolder(folder: string): Objects {
  const file = (url: string) => join(folder, url.slice("gs://".length));
  return {
    read: async (url) => (existsSync(file(url)) ? readFileSync(file(url)) : undefined),
    async write(url, bytes) {
      mkdirSync(dirname(file(url)), { recursive: true });
      writeFileSync(file(url), bytes);
    },
    remove: async (url) => rmSync(file(url)),
  };
}

function onServer(server: string): Objects {
  const client = createBucketClient(server);
  const split = (url: string): [bucket: string, name: string] => {
    const [, bucket = "", name = ""] = /^gs:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
    return [bucket, name];
  };
  return {
    async read(url) {
      const [bucket, name] = split(url);
      const response = await fetch(`${server}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`);
      const bytes = Buffer.from(await response.arrayBuffer());
      return response.ok ? bytes : undefined;
    },
    async write(url, bytes, contentType) {
      await client.upload(...split(url), bytes, contentType === undefined ? {} : { contentType });
    },
    async remove(url) {
      await client.remove(...split(url));
    },
  };
}
