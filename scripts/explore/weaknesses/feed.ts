import { type Weakness, weakness } from "./weakness.ts";

const follow = "packages/context/src/follow-revocations.ts";
const numbers = "apps/auth/src/revocations/number-revocations.ts";
const sequence = "packages/context/src/feed-sequence.ts";

/** What services are told, whoever else writes to the bus, and what they know of what they were not told. */
export const feedWeaknesses: readonly Weakness[] = [
  weakness("events need no signature", [
    "packages/tokens/src/security-event.ts",
    "checkSignature(compact, await keys.find(header.kid, header.algorithm), header.algorithm);",
    "void checkSignature;",
  ]),
  weakness("the keys of events can be guessed", [
    "apps/auth/src/revocations/relay.ts",
    "{ key: event.id, data: { set } }",
    "{ key: event.position?.beat === undefined ? String(event.position?.number) : event.id, data: { set } }",
  ]),
  weakness("a sign-out is published later", [
    "apps/auth/src/sessions/sign-out.ts",
    "    return true;\n  });\n  await deps.relay.flush();",
    "    return true;\n  });",
  ]),
  weakness("a change of an account is published later", [
    "apps/auth/src/accounts/account-change.ts",
    "await deps.relay.flush();",
    "",
  ]),
  weakness("reuse is published later", ["apps/auth/src/sessions/refresh.ts", "await deps.relay.flush();", ""]),
  weakness("a disabled service is not told of", [
    "apps/auth/src/services/service-keys.ts",
    'await recordRevocation(tx, { kind: "service", subject: service, below: disabled.below, now: at });',
    "void recordRevocation;",
  ]),
  weakness("what could not be published counts as published", [
    "apps/auth/src/revocations/relay.ts",
    "{ key: event.id, data: { set } });",
    "{ key: event.id, data: { set } }).catch(() => undefined);",
  ]),
  weakness("auth's list lacks the last revocation", [
    "apps/auth/src/revocations/feed-page.ts",
    "lte(outbox.number, head)",
    "lte(outbox.number, head - 1)",
  ]),
  weakness("a heartbeat says that nothing is retained", [
    numbers,
    "coalesce((select min(number) from ${outbox}), feed.number + 1) as first",
    "feed.number + 1 as first",
  ]),
  weakness("silence counts as completeness", [
    follow,
    "return sequence.hasGap() || elapsed() - provenAt > provenForMs ?",
    "return sequence.hasGap() ?",
  ]),
  weakness("gaps are ignored", [sequence, "hasGap: () => applied < last", "hasGap: () => false"]),
  weakness(
    "numbers have gaps",
    [numbers, "::bigint + ${waiting.place}", "::bigint + 2 * ${waiting.place}"],
    [numbers, "number + rows.length", "number + 2 * rows.length"],
  ),
  weakness("the last number is not named", [numbers, "::bigint + ${waiting.place}", "::bigint + waiting.place + 1"]),
  weakness("a repeated heartbeat proves something", [
    sequence,
    "position.beat === undefined || position.beat <= beat",
    "position.beat === undefined",
  ]),
  weakness(
    "a stream that was purged is complete",
    [follow, "busState = next;", 'busState = next; if (next === "live") prove(elapsed());'],
    [sequence, "hasGap: () => applied < last", "hasGap: () => epoch !== null && applied < last"],
  ),
  weakness("a service measures silence by the wall clock", [
    follow,
    "const { bus, source, log, now, elapsed = () => performance.now() } = deps;",
    "const { bus, source, log, now } = deps; const elapsed = now;",
  ]),
];
