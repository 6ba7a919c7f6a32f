import { eq } from "drizzle-orm";
import { record } from "../../audit/record.ts";
import { createLink } from "../../links/create-link.ts";
import { linkLife } from "../../links/link-life.ts";
import { users } from "../../schema.ts";
import { causeOf } from "../cause.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** The way to a new password for the account of the address, if there is an active one. */
export const passwordReset: Template = {
  life: linkLife.reset,
  async compose(tx, { id, recipient, params, createdAt }, { issuer, linkTokens, now }) {
    const [user] = await tx.select().from(users).where(eq(users.email, recipient));
    if (user === undefined || user.status !== "active") return null;
    const link = { id, purpose: "reset", userId: user.id, email: recipient, createdAt, life: linkLife.reset } as const;
    if (await createLink(tx, link)) {
      const entry = { action: "password.reset_requested", outcome: "allowed", subject: user.id } as const;
      await record(tx, entry, { at: now(), from: causeOf(params) });
    }
    return {
      subject: "Choose a new password",
      text: toText(issuer, [
        "Somebody asked for a new password for your account. If it was you, choose one here:",
        `${issuer}/auth/reset?token=${linkTokens.issue(id, "reset")}`,
        "The link is good for 30 minutes and for one use.",
        "If it was not you, there is nothing to do: your password stays as it is. Give the link to nobody.",
      ]),
    };
  },
};
