import type { Fields } from "./fields.ts";

const wellFormed = /^[A-Za-z0-9_-]{8,64}$/;

/** The id that the gateway or a calling service gave this request, if it is one to write into a log; else a new one. */
export function readRequestId(headers: Fields, newId: () => string = () => crypto.randomUUID()): string {
  const given = headers.get("x-request-id");
  return typeof given === "string" && wellFormed.test(given) ? given : newId();
}
