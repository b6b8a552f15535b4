import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { peersFolder } from "../binaries.ts";

/** Who vouches, in the cluster, for the names of Google's APIs. The base image of the rehearsal trusts it, and nobody else does. */
export interface GoogleAuthority {
  /** Files in PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Made once for each machine, for it is part of the base image that is cached. */
export function googleAuthority(): GoogleAuthority {
  const folder = join(peersFolder(), "google-authority-1");
  if (!existsSync(folder)) {
    mkdirSync(peersFolder(), { recursive: true });
    const made = mkdtempSync(join(peersFolder(), ".google-authority-"));
    try {
      const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { cwd: made, stdio: "pipe" });
      const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"];
      openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=rehearsed Google APIs");
      openssl(
        ...["req", "-x509", ...newKey, "-keyout", "tls.key", "-out", "tls.crt", "-subj", "/CN=googleapis.com"],
        ...["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:*.googleapis.com"],
        ...["-addext", "basicConstraints=critical,CA:FALSE"],
      );
      rmSync(join(made, "ca.key"));
      if (!existsSync(folder)) renameSync(made, folder);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  }
  return {
    authority: join(folder, "ca.crt"),
    certificate: join(folder, "tls.crt"),
    key: join(folder, "tls.key"),
  };
}
