import type { Quota } from "@countersign/context";

/**
 * Says on an answer which limit counted the call and what is left of it: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10 §3, §4). One that was said already is said anew, others stay.
 */
export function announceQuota(headers: Headers, quota: Quota): void {
  const name = `"${quota.policy}"`;
  set(headers, "ratelimit-policy", { name, item: `${name};q=${quota.calls};w=${quota.perSeconds}` });
  set(headers, "ratelimit", { name, item: `${name};r=${quota.remaining};t=${quota.resetSeconds}` });
}

/** The members are all of this file's making, and no name of a procedure holds a comma or a quote. */
function set(headers: Headers, field: string, { name, item }: { name: string; item: string }): void {
  const said = headers.get(field)?.split(", ") ?? [];
  headers.set(field, [...said.filter((other) => !other.startsWith(`${name};`)), item].join(", "));
}
