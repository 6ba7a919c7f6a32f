import { Refusal } from "@countersign/context";
import { tooMany } from "@countersign/service";
import { and, eq, isNull } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { countRefusals } from "../limits/count-refusals.ts";
import { findLink, linkRefused, useLink } from "../links/use-link.ts";
import type { Requester } from "../requester.ts";
import { links } from "../schema-links.ts";
import type { Issued } from "../sessions/issued.ts";
import type { SignInRequest } from "./credentials.ts";
import { makeAccount } from "./make-account.ts";

/** The link's token, and the password that was chosen at registration. */
export type Confirmation = Omit<SignInRequest, "email"> & { readonly token: string };

/**
 * Makes the account of a registration whose mailbox is proved by a link, and signs it in. The password has to be the one
 * that was chosen with it: whoever opens the mail of a registration that a stranger began does not get an account to
 * which the stranger has the password.
 *
 * @throws Refusal NOT_FOUND (field `token`) when the link is over or the address has an account by now, FORBIDDEN (field
 * `password`), TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function confirmRegistration(deps: AuthDeps, wanted: Confirmation, from: Requester): Promise<Issued> {
  const { token, password, ...client } = wanted;
  const link = await findLink(deps, { token, purpose: "register", action: "account.registered" }, from);
  const { id, email, passwordHash } = link;
  if (passwordHash === null) throw linkRefused("no_password");
  const taken = await deps.limits.confirmation(id);
  if (!taken.allowed) throw tooMany(taken.quota);
  await countRefusals(taken, ["FORBIDDEN"], async () => {
    const { matches } = await deps.passwords.verify(passwordHash, password, { address: from.address, account: email });
    if (matches) return;
    const entry = { action: "account.registered", outcome: "refused", reason: "bad_password" } as const;
    await record(deps.db, { ...entry, detail: { email } }, { at: deps.now(), from });
    throw new Refusal("FORBIDDEN", "The password is not the one that was chosen at registration.", {
      field: "password",
    });
  });
  const made = await makeAccount(
    deps,
    {
      ...client,
      email,
      passwordHash,
      isVerified: true,
      async before(tx, at) {
        if (!(await useLink(tx, link, new Date(at)))) return false;
        const isOther = and(eq(links.email, email), eq(links.purpose, "register"), isNull(links.usedAt));
        await tx
          .update(links)
          .set({ usedAt: new Date(at) })
          .where(isOther);
        return true;
      },
    },
    from,
  );
  if (made === null) throw linkRefused("link_used");
  return made;
}
