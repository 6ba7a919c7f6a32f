/** LISTEN was accepted and a notification sent, but it never arrived: a pooler stands between, in transaction mode. */
export class ListenError extends Error {
  override readonly name = "ListenError";

  constructor() {
    super(
      "LISTEN hears nothing here, as behind a pooler in transaction mode: set DATABASE_LISTEN_URL to the server itself.",
    );
  }
}
