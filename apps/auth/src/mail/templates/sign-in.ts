import { eq } from "drizzle-orm";
import { createLink } from "../../links/create-link.ts";
import { linkLife } from "../../links/link-life.ts";
import { users } from "../../schema.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** What the account of the address signs in with, if there is an active one: a link or a code. */
export const signIn: Template = {
  life: linkLife.sign_in,
  async compose(tx, { id, recipient, createdAt }, { issuer, linkTokens, signInByMail }) {
    const [user] = await tx.select().from(users).where(eq(users.email, recipient));
    if (user === undefined || user.status !== "active" || signInByMail === "off") return null;
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
