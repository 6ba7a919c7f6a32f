import { registerHooks } from "node:module";
import type { Weakness } from "./weaknesses/weakness.ts";

/**
 * Weakens the code of this process as it is loaded, and nothing on the disk. To be called before what it weakens is
 * imported.
 *
 * @returns says which edits have not been made
 */
export function weaken({ edits }: Weakness): () => readonly string[] {
  const waiting = new Set(edits);
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const own = edits.filter(({ file }) => url.endsWith(`/${file}`));
      if (own.length === 0) return loaded;
      if (loaded.source === undefined) throw new Error(`${url} has no text.`);
      let source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
      for (const edit of own) {
        if (source.split(edit.find).length !== 2) throw new Error(`${edit.file} has not once: ${edit.find}`);
        source = source.replace(edit.find, () => edit.replace);
        waiting.delete(edit);
      }
      return { ...loaded, source };
    },
  });
  return () => [...waiting].map(({ file }) => file);
}
