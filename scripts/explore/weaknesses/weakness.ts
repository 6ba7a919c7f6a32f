/** A guard that is taken away, or a fault that was mended once and is put back. */
export type Weakness = {
  readonly name: string;
  /** Whether it shows only where two transactions run at once, as on PostgreSQL. */
  readonly isRace?: boolean;
  /** Each text stands in the file exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
};

export function weakness(
  name: string,
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Weakness {
  return { name, edits: edits.map(([file, find, replace]) => ({ file, find, replace })) };
}

/** One that shows only where two transactions run at once. */
export function race(...parts: Parameters<typeof weakness>): Weakness {
  return { ...weakness(...parts), isRace: true };
}
