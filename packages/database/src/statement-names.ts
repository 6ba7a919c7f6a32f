import { createHash } from "node:crypto";

/** How many different statements a connection keeps prepared; what comes after that is planned each time. */
const maxStatements = 1_000;

/** The names under which statements are prepared. */
export type StatementNames = {
  /** The name of a statement's text; undefined when it is not prepared. */
  readonly nameOf: (text: string) => string | undefined;
  /** Prepares nothing from now on. */
  readonly stop: () => void;
};

/**
 * Names statements by a hash of their text. Behind a pooler that hands each transaction another session, a name can meet a
 * session in which another client has prepared it: then it stands for the same text there, whoever that was. Numbers in
 * the order of first use would make one client run another client's statement, without an error.
 */
export function createStatementNames(prepare: boolean): StatementNames {
  const names = new Map<string, string>();
  let prepares = prepare;
  return {
    nameOf(text) {
      if (!prepares) return undefined;
      const known = names.get(text);
      if (known !== undefined || names.size >= maxStatements) return known;
      const name = `countersign_${createHash("sha256").update(text).digest("base64url").slice(0, 32)}`;
      names.set(text, name);
      return name;
    },
    stop() {
      prepares = false;
    },
  };
}
