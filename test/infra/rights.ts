import { at, listAt } from "./manifests.ts";

/** Bindings that give more than a job needs, in planned objects. */
export function tooMuchRight(changes: readonly unknown[]): string[] {
  return changes.flatMap((change) => {
    const name = `${at(change, "address")}`;
    const role = at(change, "change.after.role");
    const member = at(change, "change.after.member");
    const policy = at(change, "change.after.policy");
    const faults: string[] = [];
    if (typeof role === "string" && /^roles\/(owner|editor|viewer)$|\*/.test(role)) faults.push(`${name}: ${role}`);
    if (typeof member === "string" && /^all(Authenticated)?Users$/.test(member)) faults.push(`${name}: ${member}`);
    if (typeof policy === "string" && policy.startsWith("{")) {
      const statements = listAt(JSON.parse(policy), "Statement");
      const actions = statements.flatMap((statement) => [at(statement, "Action")].flat());
      faults.push(...actions.filter((action) => `${action}`.includes("*")).map((action) => `${name}: ${action}`));
    }
    return faults;
  });
}

/** Objects that would have an address on the internet, or a way to it. */
export function publicAddresses(changes: readonly unknown[]): string[] {
  const types = ["aws_eip", "aws_nat_gateway", "aws_internet_gateway", "google_compute_global_address"];
  return changes
    .filter(
      (change) =>
        types.includes(`${at(change, "type")}`) ||
        at(change, "change.after.address_type") === "EXTERNAL" ||
        at(change, "change.after.map_public_ip_on_launch") === true,
    )
    .map((change) => `${at(change, "address")}`);
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
