import { eq } from "drizzle-orm";
import { createLink } from "../../links/create-link.ts";
import { linkLife } from "../../links/link-life.ts";
import { users } from "../../schema.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/**
 * What the account of the address signs in with, if there is an active one: a link or a code. One whose mailbox nobody has
 * proved may be a stranger's, who knows its password: its owner is led to a reset, which takes the stranger out.
 */
export const signIn: Template = {
  life: linkLife.sign_in,
  async compose(tx, { id, recipient, createdAt }, { issuer, linkTokens, signInByMail }) {
    const [user] = await tx.select().from(users).where(eq(users.email, recipient));
    if (user === undefined || user.status !== "active" || signInByMail === "off") return null;
    if (user.verifiedAt === null) {
      const reset = {
        id,
        purpose: "reset",
        userId: user.id,
        email: recipient,
        createdAt,
        life: linkLife.reset,
      } as const;
      await createLink(tx, reset);
      return {
        subject: "Confirm your e-mail address first",
        text: toText(issuer, [
          "Somebody wants to sign in to your account by mail. Nobody has proved yet that the account is yours; do so by",
          "choosing a new password here, which signs everybody else out:",
          `${issuer}/auth/reset?token=${linkTokens.issue(id, "reset")}`,
          "The link is good for 30 minutes and for one use. If it was not you, there is nothing to do.",
        ]),
      };
    }
    const link = {
      id,
      purpose: "sign_in",
      userId: user.id,
      email: recipient,
      createdAt,
      life: linkLife.sign_in,
    } as const;
    await createLink(tx, link);
    const isCode = signInByMail === "code";
    return {
      subject: isCode ? "Your code to sign in" : "Your link to sign in",
      text: toText(issuer, [
        `Somebody wants to sign in to your account. If it is you, ${isCode ? "enter this code" : "open this link"}:`,
        isCode ? linkTokens.code(id) : `${issuer}/auth/sign-in/mail?token=${linkTokens.issue(id, "sign_in")}`,
        "It is good for 10 minutes and for one use.",
        `If it is not you, there is nothing to do. Give the ${isCode ? "code" : "link"} to nobody, whoever asks for it.`,
      ]),
    };
  },
};
