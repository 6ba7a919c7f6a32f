/** What the bus needs of PostgreSQL: any client can be fitted to it, on a server or in this process. */
export type PostgresPort = {
  /** Runs one statement with `$1…` parameters, in a transaction of its own, and gives its rows. */
  query(text: string, params: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Subscribes to NOTIFY and gives the function that ends it. Rejects when it cannot; after that it has to heal by itself,
   * telling `down` at the loss and `live` when notifications arrive again, and `live` before it resolves.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    options: { readonly onState: (state: "live" | "down") => void },
  ): Promise<() => Promise<void>>;
};
