/** One statement as it went to the driver. */
export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** Whether a value is the stamp of an audit row, the only UUID of version 7: no two rows have the same one. */
export function isStamp(value: unknown): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(String(value));
}

type Client = { query(config: { text: string }, values?: readonly unknown[]): unknown };

/** Notes every statement that goes through a database's builder until `end`, which gives them. */
export function captureStatements(db: object): { end(): readonly Statement[] } {
  const { $client: client } = db as { $client: Client }; // drizzle leaves there what it was made from
  const { query } = client;
  const seen: Statement[] = [];
  client.query = (config, values = []) => {
    seen.push({
      text: config.text,
      values: values.map((value) => (value instanceof Date ? value.toISOString() : value)),
    });
    return query.call(client, config, values);
  };
  return {
    end() {
      client.query = query;
      return seen;
    },
  };
}
