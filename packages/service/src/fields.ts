/** What is read of the headers of a request: `Headers` fit, and a `Map` by lower-case name. */
export type Fields = { get(name: string): string | null | undefined };
