import { at, listAt } from "./manifests.ts";

/** An object of Terraform's, planned or applied. */
export interface Made {
  readonly address: string;
  readonly type: string;
  /** After the apply all are known; in a plan, what the cloud will fill in is missing. */
  readonly values: unknown;
}

/** What a plan would make. @param plan the output of `terraform show -json` of a plan file. */
export function plannedIn(plan: unknown): Made[] {
  return listAt(plan, "resource_changes")
    .filter((change) => at(change, "mode") === "managed")
    .map((change) => ({ ...named(change), values: at(change, "change.after") }));
}

/** What a state holds, in all its modules. @param state the output of `terraform show -json`. */
export function appliedIn(state: unknown): Made[] {
  const inModule = (module: unknown): Made[] => [
    ...listAt(module, "resources")
      .filter((resource) => at(resource, "mode") === "managed")
      .map((resource) => ({ ...named(resource), values: at(resource, "values") })),
    ...listAt(module, "child_modules").flatMap(inModule),
  ];
  return inModule(at(state, "values.root_module"));
}

const named = (object: unknown) => ({ address: `${at(object, "address")}`, type: `${at(object, "type")}` });

/** Bindings that give more than a job needs. */
export function tooMuchRight(objects: readonly Made[]): string[] {
  return objects.flatMap(({ address, values }) => {
    const role = at(values, "role");
    const member = at(values, "member");
    const attached = at(values, "policy_arn");
    const faults: unknown[] = [];
    if (typeof role === "string" && /^roles\/(owner|editor|viewer)$|\*/.test(role)) faults.push(role);
    if (typeof member === "string" && /^all(Authenticated)?Users$/.test(member)) faults.push(member);
    if (typeof attached === "string" && /\/(\w*FullAccess|AdministratorAccess|PowerUserAccess)$/.test(attached))
      faults.push(attached);
    for (const policy of [at(values, "policy"), at(values, "assume_role_policy")]) faults.push(...wideIn(policy));
    return faults.map((fault) => `${address}: ${fault}`);
  });
}

/** Actions with a wildcard, and statements that mean everybody. */
function wideIn(policy: unknown): unknown[] {
  if (typeof policy !== "string" || !policy.startsWith("{")) return [];
  return listAt(JSON.parse(policy), "Statement").flatMap((statement) => {
    const actions = [at(statement, "Action")].flat().filter((action) => `${action}`.includes("*"));
    const principals = [at(statement, "Principal"), at(statement, "Principal.AWS")].flat();
    return [...actions, ...principals.filter((principal) => principal === "*").map(() => "everybody")];
  });
}

/** Objects that would have an address on the internet, or a way to it. */
export function publicAddresses(objects: readonly Made[]): string[] {
  const types = ["aws_eip", "aws_nat_gateway", "aws_internet_gateway", "google_compute_global_address"];
  return objects
    .filter(
      ({ type, values }) =>
        types.includes(type) ||
        at(values, "address_type") === "EXTERNAL" ||
        at(values, "map_public_ip_on_launch") === true,
    )
    .map(({ address }) => address);
}

/** The ranges that Google's firewall admits, by rule. */
export function admitted(objects: readonly Made[]): Record<string, string[]> {
  const rules = objects
    .filter(({ type, values }) => type === "google_compute_firewall" && listAt(values, "allow").length > 0)
    .map(({ values }) => [`${at(values, "name")}`, listAt(values, "source_ranges").map(String).sort()] as const);
  return Object.fromEntries(rules);
}

/** Objects that lie in a network which the cloud made by itself. */
export function inDefaultNetworks(objects: readonly Made[]): string[] {
  return objects
    .filter(
      ({ type, values }) =>
        /^aws_default_(vpc|subnet)$/.test(type) ||
        [at(values, "network"), at(values, "subnetwork")].some((one) => /(^|\/)default$/.test(`${one}`)),
    )
    .map(({ address }) => address);
}

/** Objects whose very values are secrets, which Terraform would keep in its state. */
export function secretsIn(objects: readonly Made[]): string[] {
  const types = /_secret_version$|_service_account_key$|_access_key$|^random_password$/;
  return objects.filter(({ type }) => types.test(type)).map(({ address }) => address);
}

/**
 * Does AWS let this subject take a role, by the conditions of its trust policy? The three operators that ours use.
 *
 * @param policy in JSON. @param subject the claim `sub` of the token.
 */
export function trusts(policy: string, subject: string): boolean {
  const conditions = at(listAt(JSON.parse(policy), "Statement")[0], "Condition") as Record<
    string,
    Record<string, string>
  >;
  return Object.entries(conditions).every(([operator, values]) =>
    Object.entries(values)
      .filter(([claim]) => claim.endsWith(":sub"))
      .every(([, pattern]) => {
        const like = new RegExp(`^${pattern.replace(/[.\\/]/g, "\\$&").replaceAll("*", ".*")}$`).test(subject);
        return operator === "StringNotLike" ? !like : like;
      }),
  );
}
