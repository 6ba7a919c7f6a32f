import type { Quota } from "@countersign/context";
import type { Fields } from "../fields.ts";

type SettableFields = Fields & { set(name: string, value: string): unknown };

/** The headers in which it is said. */
export const quotaFields = ["ratelimit-policy", "ratelimit"] as const;

/**
 * Says on an answer which limit counted the call and what is left of it: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10 §3, §4). One that was said already is said anew, others stay.
 */
export function announceQuota(headers: SettableFields, quota: Quota): void {
  const name = `"${quota.policy}"`;
  set(headers, "ratelimit-policy", { name, item: `${name};q=${quota.calls};w=${quota.perSeconds}` });
  set(headers, "ratelimit", { name, item: `${name};r=${quota.remaining};t=${quota.resetSeconds}` });
}

/** The members are all of this file's making, and no name of a procedure holds a comma or a quote. */
function set(headers: SettableFields, field: string, { name, item }: { name: string; item: string }): void {
  const said = headers.get(field);
  const others = said?.split(", ").filter((other) => !other.startsWith(`${name};`)) ?? [];
  headers.set(field, others.length === 0 ? item : `${others.join(", ")}, ${item}`);
}
