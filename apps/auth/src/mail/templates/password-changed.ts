import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** Tells the owner of an account that its password is another one now. */
export const passwordChanged: Template = {
  life: 24 * 3600_000,
  compose: async (_tx, _mail, { issuer }) => ({
    subject: "Your password was changed",
    text: toText(issuer, [
      "The password of your account was changed, and every device was signed out.",
      "If it was not you, choose a new password at once:",
      `${issuer}/auth/reset`,
    ]),
  }),
};
