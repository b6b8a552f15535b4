/** The processors that the clouds rent out; both run Linux. */
export const architectures = ["x64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** @param value what a person gave, if anything. @throws an Error that names the choices. */
export function parseArchitecture(value: string | undefined): Architecture {
  const wanted = value ?? process.arch;
  const known = architectures.find((architecture) => architecture === wanted);
  if (known === undefined) throw new Error(`--arch is ${wanted}; it is one of ${architectures.join(", ")}.`);
  return known;
}
