/** The kinds of mail, as rows of the queue name them. */
export type TemplateName = "password_reset" | "password_changed";
