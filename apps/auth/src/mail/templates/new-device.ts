import type { Template } from "../template.ts";
import { toText } from "../to-text.ts";

/** Tells the owner of an account that somebody signed in where nobody did before. */
export const newDevice: Template = {
  life: 24 * 3600_000,
  compose: async (_tx, { params, createdAt }, { issuer }) => ({
    subject: "A sign-in from a new device",
    text: toText(issuer, [
      "Somebody signed in to your account on a device that was not used for it before:",
      `${params["device"] ?? "a device"}, from ${params["address"] ?? "an unknown address"}, at ${createdAt.toISOString()}`,
      "If it was you, there is nothing to do. If not, choose a new password at once, which signs every device out:",
      `${issuer}/auth/reset`,
    ]),
  }),
};
