import type { GoProgram } from "./binaries.ts";

/** The peers that come from Go modules, each at its exact version. */
export const goPrograms = {
  weaviate: {
    name: "weaviate-server",
    package: "github.com/weaviate/weaviate/cmd/weaviate-server",
    version: "v1.39.0",
    minutes: 6,
  },
  fakeGcs: {
    name: "fake-gcs-server",
    package: "github.com/fsouza/fake-gcs-server",
    version: "v1.56.0",
    minutes: 2,
  },
} as const satisfies Record<string, GoProgram>;
