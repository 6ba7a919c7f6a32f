/** Throws unless a channel needs no quotes in SQL: the drivers do not quote in the same way. */
export function checkChannel(channel: string): void {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(channel)) return;
  throw new TypeError("A channel is a name of lower-case letters, digits and underscores.");
}
