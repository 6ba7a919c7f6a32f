import type { Answer } from "@countersign/service";

/** Adds to a header what it may say already. */
export function append(headers: Answer["headers"], name: string, value: string): void {
  const said = headers.get(name);
  headers.set(name, said === undefined ? value : `${said}, ${value}`);
}

/** An answer of the gateway's own, to be stored by nobody unless `headers` say so. */
export function answerJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const standard = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers: new Map(Object.entries({ ...standard, ...headers })), body: JSON.stringify(body) };
}
