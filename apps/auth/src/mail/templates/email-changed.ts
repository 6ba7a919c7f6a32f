import { linkLife } from "../../links/link-life.ts";
import { lookAtLink } from "../../links/use-link.ts";
import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** Tells the mailbox that an account had until now, and gives it the way back. */
export const emailChanged: Template = {
  life: linkLife.undo,
  async compose(tx, { id }, { issuer, linkTokens, now }) {
    const token = linkTokens.issue(id, "undo");
    if ((await lookAtLink({ db: tx, linkTokens, now }, { token, purpose: "undo" })) === null) return null;
    return {
      subject: "Your account has another e-mail address now",
      text: toText(issuer, [
        "The e-mail address of your account was changed, and is no longer this one. If it was you, there is nothing to do.",
        "If it was not you, take the change back within a week:",
        `${issuer}/auth/email/undo?token=${token}`,
        "That signs every device out, ends the password, and sends you a link for a new one.",
      ]),
    };
  },
};
