/** A mail as it is handed to a mail server. */
export type MailMessage = {
  /** The same at every attempt, by which servers and readers drop a second copy: an id, without brackets and domain. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

/**
 * How an attempt ended. A permanent failure is the server's word that it will never take this mail for this recipient.
 * `reason` is a status of SMTP (`550 5.1.1`) or a word, and no prose of the server, which may name the recipient.
 */
export type Delivery =
  | { readonly result: "sent" }
  | { readonly result: "failed"; readonly permanent: boolean; readonly reason: string };

/** Hands mail to whatever delivers it. */
export type Mailer = {
  /** Ends within a minute whatever the server does, and at once when `closing` aborts. Never rejects. */
  send(message: MailMessage, closing: AbortSignal): Promise<Delivery>;
};
