import { directProcedure, Refusal } from "@countersign/context";
import { and, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { lockUser } from "../accounts/account-change.ts";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { identities } from "../schema.ts";

const input = z.object({ identityId: id });

/**
 * Takes a provider off the user's account. NOT_FOUND for an identity that is not the user's; CONFLICT when there would be no
 * way in left, neither a password nor another provider.
 */
export const unlinkIdentity = (deps: RouterDeps) =>
  directProcedure
    .meta({ freshness: "live" })
    .input(input)
    .mutation(async ({ ctx, input: { identityId } }): Promise<{ ok: true }> => {
      const userId = ctx.user.id;
      const own = eq(identities.userId, userId);
      await deps.db.transaction(async (tx) => {
        const user = await lockUser(tx, userId); // two at once would each find the other one left
        const [row] = await tx
          .select()
          .from(identities)
          .where(and(own, eq(identities.id, identityId)));
        if (row === undefined) throw new Refusal("NOT_FOUND", "You have no such identity.");
        const others = await tx
          .select({ id: identities.id })
          .from(identities)
          .where(and(own, ne(identities.id, row.id)));
        if (user.passwordHash === null && others.length === 0)
          throw new Refusal("CONFLICT", "This is your only way to sign in; add another one first.", {
            reason: "last_way_in",
          });
        await tx.delete(identities).where(eq(identities.id, row.id));
        const { provider, issuer } = row;
        const entry = { action: "identity.unlinked", outcome: "allowed", actor: userId, subject: userId } as const;
        const detail = { provider, issuer, identity: row.id };
        await record(tx, { ...entry, detail }, { at: deps.now(), from: requesterOf(ctx) });
      });
      return { ok: true };
    });
