import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ImageContents {
  readonly configuration: {
    readonly architecture: string;
    readonly config: { readonly User: string; readonly Entrypoint: readonly string[]; readonly Env: readonly string[] };
  };
  /** Every file of every layer, from the root, with its size. */
  readonly files: ReadonlyMap<string, number>;
}

/** Reads an image from an archive in Docker's form. */
export function readImage(archive: string): ImageContents {
  const folder = mkdtempSync(join(tmpdir(), "isthmus-image-"));
  try {
    execFileSync("tar", ["-xf", archive, "-C", folder]);
    const [manifest] = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    const files = new Map<string, number>();
    for (const layer of manifest.Layers as string[]) {
      const listed = execFileSync("tar", ["-tvf", join(folder, layer)], { encoding: "utf8", maxBuffer: 1 << 26 });
      for (const line of listed.split("\n")) {
        const [kind = "", , size, , , ...name] = line.split(/\s+/);
        if (kind.startsWith("-")) files.set(`/${name.join(" ").replace(/^\.?\/?/, "")}`, Number(size));
      }
    }
    return { configuration: JSON.parse(readFileSync(join(folder, manifest.Config), "utf8")), files };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
