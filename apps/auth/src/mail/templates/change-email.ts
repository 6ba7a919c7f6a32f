import { eq } from "drizzle-orm";
import { linkLife } from "../../links/link-life.ts";
import { users } from "../../schema.ts";
import { links } from "../../schema-links.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** Asks the new mailbox of an account to prove itself; nothing, where it belongs to an account by now. */
export const changeEmail: Template = {
  life: linkLife.change,
  async compose(tx, { id, recipient }, { issuer, linkTokens }) {
    const [link] = await tx.select({ id: links.id }).from(links).where(eq(links.id, id));
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, recipient));
    if (link === undefined || taken !== undefined) return null;
    return {
      subject: "Confirm your new e-mail address",
      text: toText(issuer, [
        "Somebody wants to use this address for their account. If it was you, confirm it:",
        `${issuer}/auth/email/change?token=${linkTokens.issue(id, "change")}`,
        "The link is good for an hour and for one use.",
        "If it was not you, there is nothing to do.",
      ]),
    };
  },
};
