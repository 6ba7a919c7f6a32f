/** The members of a JSON object. @throws TypeError for anything else */
export function membersOf(text: string): ReadonlyMap<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("It is no JSON object.");
  return new Map<string, unknown>(Object.entries(value));
}
