import { eq } from "drizzle-orm";
import { linkLife } from "../../links/link-life.ts";
import { users } from "../../schema.ts";
import { links } from "../../schema-links.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/**
 * The last step of a registration; or, where the address has an account, word of that. Only the mailbox is told which of
 * the two it is.
 */
export const confirmRegistration: Template = {
  life: linkLife.register,
  async compose(tx, { id, recipient }, { issuer, linkTokens }) {
    const [known] = await tx.select({ id: users.id }).from(users).where(eq(users.email, recipient));
    if (known === undefined) {
      return {
        subject: "Confirm your registration",
        text: toText(issuer, [
          "Somebody registered with this address. If it was you, finish here, with the password that you chose:",
          `${issuer}/auth/register/confirm?token=${linkTokens.issue(id, "register")}`,
          "The link is good for an hour and for one use.",
          "If it was not you, there is nothing to do: without the link there will be no account. Give it to nobody.",
        ]),
      };
    }
    await tx.delete(links).where(eq(links.id, id));
    return {
      subject: "You have an account already",
      text: toText(issuer, [
        "Somebody registered with this address, which has an account already. If it was you, sign in with it.",
        "If you have forgotten the password, choose a new one:",
        `${issuer}/auth/reset`,
        "If it was not you, there is nothing to do: your account stays as it is.",
      ]),
    };
  },
};
