/** What checking the fixture came to. */
export type Verdict = { readonly ok: boolean; readonly said: string };

/**
 * Reads `tsc --extendedDiagnostics` and holds the count of instantiations to the ceiling. The count is the same on every
 * machine, the time is not: so the time is only told. A run that tells no count is not believed.
 */
export function judge(output: string, ceiling: number): Verdict {
  const instantiations = readCounter(output, "Instantiations");
  if (instantiations === null) return { ok: false, said: "The compiler told no count of instantiations." };
  const cost = `${Math.round((readCounter(output, "Memory used") ?? 0) / 1024)} MB, ${readSeconds(output)} s`;
  const count = `${instantiations.toLocaleString("en")} instantiations of at most ${ceiling.toLocaleString("en")}`;
  return { ok: instantiations <= ceiling, said: `${count}, ${cost}` };
}

function readCounter(output: string, name: string): number | null {
  const digits = new RegExp(`^${name}: +(\\d+)K?$`, "m").exec(output)?.[1];
  return digits === undefined ? null : Number(digits);
}

function readSeconds(output: string): string {
  return /^Total time: +([\d.]+)s$/m.exec(output)?.[1] ?? "?";
}
