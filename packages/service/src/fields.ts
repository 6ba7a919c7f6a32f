/** What is read of the headers of a request: `Headers` fit, and a `Map` by lower-case name. */
export type Fields = { get(name: string): string | null | undefined };

/** Adds to a header what it may say already (RFC 9110 §5.3). */
export function appendField(headers: Map<string, string>, name: string, value: string): void {
  const said = headers.get(name);
  headers.set(name, said === undefined ? value : `${said}, ${value}`);
}
