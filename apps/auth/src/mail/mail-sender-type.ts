/** Sends what waits in the queue. */
export type MailSender = {
  /** Begins to send what is due, as many at once as there are slots, and waits for none of it. */
  turn(): Promise<void>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
  /** Gives up what is being sent, after a moment in which it may end; another process, or the next start, sends it. */
  close(): Promise<void>;
  /** Removes the rows of mails that were settled long ago. */
  sweep(): Promise<void>;
};
