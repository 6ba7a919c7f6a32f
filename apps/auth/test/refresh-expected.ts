import type { Ending, FamilyRow, Operation, Result } from "./refresh-family.ts";

const grace = 10;

/** The rules of refreshing in one place, written down without looking at the code: what must come of an operation. */
export function expected(row: FamilyRow, operation: Operation): Result {
  if ("crash" in operation && operation.crash) return { row, answer: "crashed", audit: [], revoked: [] };
  if (operation.name === "rotate") return rotated(row, operation.generation);
  if (operation.name === "settle") return settled(row, operation);
  return ended(row, operation.name);
}

function rotated(row: FamilyRow, generation: number): Result {
  const wins = row.end === null && row.status === "active" && generation === row.generation;
  if (!wins) return { row, answer: "missed", audit: [], revoked: [] };
  return { row: { ...row, generation: generation + 1, rotatedAgo: 0 }, answer: generation + 1, audit: [], revoked: [] };
}

function settled(row: FamilyRow, { generation, ago }: { generation: number; ago: number }): Result {
  if (row.end !== null) return { row, answer: "session_ended", audit: [], revoked: [] };
  const behind = row.generation - generation;
  const inGrace = row.rotatedAgo - ago <= grace;
  if (behind === 0 || (behind === 1 && inGrace)) return { row, answer: row.generation, audit: [], revoked: [] };
  const kind = behind < 0 ? "unknown_generation" : kindOfOld(behind);
  return { row: { ...row, end: "reuse" }, answer: kind, audit: [`reuse: ${kind}`], revoked: ["session"] };
}

function kindOfOld(behind: number): string {
  return behind === 1 ? "late_predecessor" : "older_generation";
}

const byEnding = {
  logout: { end: "logout", line: "logout", revokes: "session" },
  "password changed": { end: "password_changed", line: "password.changed", revokes: "user" },
  everywhere: { end: "logout_everywhere", line: "logout_everywhere", revokes: "user" },
  disabled: { end: "user_disabled", line: "user.disabled", revokes: "user" },
} as const satisfies Record<Ending, object>;

/** What ends every session of the user, so that none is left for a sign-out everywhere. */
const endsOfAll: readonly FamilyRow["end"][] = ["logout_everywhere", "user_disabled"];

/** On a session that is over each writes its own line all the same, but for a sign-out that finds nothing to end. */
function ended(row: FamilyRow, name: Ending): Result {
  if (name === "everywhere" && endsOfAll.includes(row.end)) return { row, answer: "silent", audit: [], revoked: [] };
  const { end, line, revokes } = byEnding[name];
  const isRunning = row.end === null;
  const status = name === "disabled" ? "disabled" : row.status;
  const hasEffect = name === "disabled" ? row.status === "active" : name !== "logout" || isRunning;
  const revoked = hasEffect && (isRunning || revokes === "user") ? [revokes] : [];
  return { row: { ...row, end: row.end ?? end, status }, answer: "silent", audit: hasEffect ? [line] : [], revoked };
}
