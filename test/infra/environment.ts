import { at, listAt, type Manifest } from "./manifests.ts";

/**
 * The environment of Weaviate's container as the kubelet would compute it: `$(NAME)` stands for what was defined before, and
 * is left standing as text where nothing was.
 *
 * @param secret gives the value of a key of Secret weaviate-secrets.
 */
export function resolveEnvironment(
  manifests: readonly Manifest[],
  secret: (key: string) => string,
  pod = "weaviate-0",
): Record<string, string> {
  const workload = manifests.find(({ kind }) => kind === "StatefulSet");
  const settings = settingsOf(manifests);
  const environment: Record<string, string> = {};
  for (const variable of listAt(workload, "spec.template.spec.containers.0.env")) {
    environment[`${at(variable, "name")}`] = resolveVariable(variable);
  }
  return environment;

  function resolveVariable(variable: unknown): string {
    const literal = at(variable, "value");
    if (typeof literal === "string") return literal.replace(/\$\((\w+)\)/g, (text, name) => environment[name] ?? text);
    const secretKey = at(variable, "valueFrom.secretKeyRef.key");
    if (secretKey !== undefined) return secret(`${secretKey}`);
    const settingsKey = at(variable, "valueFrom.configMapKeyRef.key");
    const setting = settings[`${settingsKey}`];
    if (setting !== undefined) return setting;
    if (at(variable, "valueFrom.fieldRef.fieldPath") === "metadata.name") return pod;
    throw new Error(`${JSON.stringify(variable)} cannot be resolved`);
  }
}

/** The environment of the ingestion Job's container; it has no secret in it, for the key is a file. */
export function resolveJobEnvironment(manifests: readonly Manifest[], job: Manifest): Record<string, string> {
  const settings = settingsOf(manifests);
  return Object.fromEntries(
    listAt(job, "spec.template.spec.containers.0.env").map((variable) => {
      const value = at(variable, "value") ?? settings[`${at(variable, "valueFrom.configMapKeyRef.key")}`];
      if (value === undefined) throw new Error(`${JSON.stringify(variable)} cannot be resolved`);
      return [`${at(variable, "name")}`, `${value}`];
    }),
  );
}

function settingsOf(manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  return manifests.find(({ metadata }) => metadata.name === "isthmus-settings")?.data ?? {};
}
