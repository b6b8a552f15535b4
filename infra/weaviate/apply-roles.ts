import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What each key may do: a role of `roles.json` and the user of the same name. */
type Roles = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export interface RoleChange {
  readonly role: string;
  /** Whether it was there before with the very same rights. */
  readonly change: "created" | "updated" | "unchanged";
}

/**
 * Gives the users `reader` and `writer` of a Weaviate with RBAC the rights of `roles.json`, and no others. Again is harmless.
 *
 * @param rootKey the key of the user that `AUTHORIZATION_RBAC_ROOT_USERS` names.
 * @throws with Weaviate's status and message when it refuses.
 */
export async function applyRoles(url: string, rootKey: string): Promise<RoleChange[]> {
  const roles: Roles = JSON.parse(readFileSync(join(import.meta.dirname, "roles.json"), "utf8"));
  const call = createCaller(url, rootKey);
  const changes: RoleChange[] = [];
  for (const [role, permissions] of Object.entries(roles)) {
    const name = `isthmus-${role}`;
    const present = await call("GET", `/v1/authz/roles/${name}`, undefined, [200, 404]);
    const change = present.status === 404 ? "created" : await update(call, name, present.body, permissions);
    if (change === "created") await call("POST", "/v1/authz/roles", { name, permissions }, [201]);
    await call("POST", `/v1/authz/users/${role}/assign`, { roles: [name], userType: "db" }, [200]);
    changes.push({ role: name, change });
  }
  return changes;
}

type Caller = ReturnType<typeof createCaller>;

/** Adds before it removes: a role that is in use never has fewer rights than both its old and its new form. */
async function update(
  call: Caller,
  name: string,
  present: unknown,
  wanted: Roles[string],
): Promise<"updated" | "unchanged"> {
  const held = (present as { permissions?: Roles[string] }).permissions ?? [];
  const missing = (wanted ?? []).filter((one) => !held.some((other) => same(one, other)));
  const surplus = held.filter((one) => !(wanted ?? []).some((other) => same(one, other)));
  if (missing.length > 0) {
    await call("POST", `/v1/authz/roles/${name}/add-permissions`, { permissions: missing }, [200]);
  }
  if (surplus.length > 0) {
    await call("POST", `/v1/authz/roles/${name}/remove-permissions`, { permissions: surplus }, [200]);
  }
  return missing.length + surplus.length === 0 ? "unchanged" : "updated";
}

/** Weaviate answers with defaults filled in (`"tenant": "*"`), so only what we asked for is compared. */
function same(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const scope = (permission: Readonly<Record<string, unknown>>) =>
    Object.values(permission)
      .filter((value) => typeof value === "object" && value !== null)
      .map((value) => (value as { collection?: string }).collection ?? "")
      .join();
  return one["action"] === other["action"] && scope(one) === scope(other);
}

function createCaller(url: string, key: string) {
  return async (method: string, path: string, body: unknown, expected: readonly number[]) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!expected.includes(response.status)) {
      throw new Error(`Weaviate at ${url} answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`);
    }
    const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
    const answer: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, body: answer };
  };
}
