import { tokenLife } from "@countersign/tokens";

/** A predecessor that is presented within the grace gets tokens too, this much later at most; milliseconds. */
const graceMargin = 5 * 60_000;

/** When every access token has ended that a session may get by a sign-in or rotation at this moment (milliseconds). */
export function tokensUntil(at: number): Date {
  return new Date(at + tokenLife.user * 1000 + graceMargin);
}
