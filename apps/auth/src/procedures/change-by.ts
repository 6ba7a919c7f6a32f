import type { AccountChange } from "../accounts/account-change.ts";
import { requesterOf } from "../requester.ts";

type Administering = Parameters<typeof requesterOf>[0] & { readonly user: { readonly id: string } };

/** The change of an account that this administrator asks for; the right to it is read again when it is made. */
export function changeBy(ctx: Administering, userId: string): AccountChange {
  return { userId, actor: ctx.user.id, from: requesterOf(ctx), requires: "users:write" };
}
