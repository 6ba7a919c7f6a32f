import type { Template } from "./template.ts";
import type { TemplateName } from "./template-name.ts";
import { changeEmail } from "./templates/change-email.ts";
import { confirmRegistration } from "./templates/confirm-registration.ts";
import { emailChanged } from "./templates/email-changed.ts";
import { newDevice } from "./templates/new-device.ts";
import { passwordChanged } from "./templates/password-changed.ts";
import { passwordReset } from "./templates/password-reset.ts";
import { signIn } from "./templates/sign-in.ts";
import { verifyEmail } from "./templates/verify-email.ts";

/** Every kind of mail, by the name that a row of the queue has. */
const templates: Readonly<Record<TemplateName, Template>> = {
  password_reset: passwordReset,
  password_changed: passwordChanged,
  sign_in: signIn,
  new_device: newDevice,
  change_email: changeEmail,
  email_changed: emailChanged,
  verify_email: verifyEmail,
  confirm_registration: confirmRegistration,
};

/** The template of a row, or null for a name that another version of auth wrote. */
export function findTemplate(name: string): Template | null {
  return isTemplate(name) ? templates[name] : null;
}

function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(templates, name);
}
