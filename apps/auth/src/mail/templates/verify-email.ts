import { eq } from "drizzle-orm";
import { createLink } from "../../links/create-link.ts";
import { linkLife } from "../../links/link-life.ts";
import { users } from "../../schema.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** Asks the owner of an account to prove that mail reaches them. */
export const verifyEmail: Template = {
  life: linkLife.verify,
  async compose(tx, { id, recipient, createdAt }, { issuer, linkTokens }) {
    const [user] = await tx.select().from(users).where(eq(users.email, recipient));
    if (user === undefined || user.status !== "active" || user.verifiedAt !== null) return null;
    const link = {
      id,
      purpose: "verify",
      userId: user.id,
      email: recipient,
      createdAt,
      life: linkLife.verify,
    } as const;
    await createLink(tx, link);
    return {
      subject: "Confirm your e-mail address",
      text: toText(issuer, [
        "There is an account with this address. If it is yours, confirm with its password that mail reaches you:",
        `${issuer}/auth/email/verify?token=${linkTokens.issue(id, "verify")}`,
        "The link is good for 24 hours and for one use.",
        "If the account is not yours, there is nothing to do.",
      ]),
    };
  },
};
