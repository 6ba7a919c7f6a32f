/**
 * The text of a mail: its paragraphs, and where it comes from. Nothing that a stranger chose stands in it, but for the
 * address that it goes to: a mail of ours is no means to send words of others.
 */
export function toText(issuer: string, paragraphs: readonly string[]): string {
  return `${paragraphs.join("\n\n")}\n\n-- \n${issuer}\n`;
}
