import { membersOf } from "./members-of.ts";

/** A claim of a token, unverified. */
export function claimOf(token: string, name: "sub" | "client_id"): string {
  return String(membersOf(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).get(name));
}
