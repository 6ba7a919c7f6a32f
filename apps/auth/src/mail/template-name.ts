/** The kinds of mail, as rows of the queue name them. */
export type TemplateName =
  | "password_reset"
  | "password_changed"
  | "verify_email"
  | "confirm_registration"
  | "sign_in"
  | "new_device"
  | "change_email"
  | "email_changed";
