import type { Plugin } from "esbuild";

/** Names that are taken from a CommonJS package which is loaded on demand. */
const named: Readonly<Record<string, readonly string[]>> = {
  // gaxios, behind a proxy.
  "https-proxy-agent": ["HttpsProxyAgent"],
  // Our own adapter of language models, on AWS.
  "@aws-sdk/credential-provider-node": ["defaultProvider"],
};
const specifiers = new RegExp(`^(?:${Object.keys(named).join("|")})$`);

/**
 * Node finds the names that a CommonJS package exports, also by `import()`; in a bundle such a package has its default export alone, and a
 * name taken from it is undefined. For our own code a module of ours stands between the two; for others' this plugin makes one.
 */
export const namedImports: Plugin = {
  name: "named-imports",
  setup(build) {
    build.onResolve({ filter: specifiers }, ({ path, kind, resolveDir }) =>
      kind === "dynamic-import" ? { path, namespace: "named-imports", pluginData: resolveDir } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "named-imports" }, ({ path, pluginData }) => ({
      contents: `export { ${named[path]?.join(", ")} } from ${JSON.stringify(path)};`,
      resolveDir: pluginData as string,
    }));
  },
};
