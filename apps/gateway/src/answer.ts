import type { Answer } from "@countersign/service";

/** An answer of the gateway's own, to be stored by nobody unless `headers` say so. */
export function answerJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const standard = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers: new Map(Object.entries({ ...standard, ...headers })), body: JSON.stringify(body) };
}
