import { parseSync } from "oxc-parser";
import { type Action, readActions } from "./read-actions.ts";
import { readCasts } from "./read-casts.ts";
import { readEnvironment } from "./read-environment.ts";
import { readGetters } from "./read-getters.ts";
import { type Import, readImports } from "./read-imports.ts";

/** What the rules need to know of one file. Positions are lines, counted from 1. */
export type ModuleFacts = {
  readonly imports: readonly Import[];
  readonly actions: readonly Action[];
  readonly environmentReads: readonly number[];
  readonly literalGetters: readonly number[];
  /** Casts without a comment on their line. */
  readonly unexplainedCasts: readonly number[];
};

/** Parses TypeScript. Throws a `SyntaxError` that names the path when it does not parse. */
export function readModule(path: string, source: string): ModuleFacts {
  const { program, comments, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const lineOf = createLineOf(source);
  const commented = new Set(comments.map((comment) => lineOf(comment.start)));
  return {
    imports: readImports(program, lineOf),
    actions: readActions(program, lineOf),
    environmentReads: readEnvironment(program, lineOf),
    literalGetters: readGetters(program, lineOf),
    unexplainedCasts: readCasts(program, lineOf).filter((line) => !commented.has(line)),
  };
}

/** Gives the line of an offset. */
function createLineOf(source: string): (offset: number) => number {
  const starts = [0, ...[...source.matchAll(/\n/g)].map((match) => match.index + 1)];
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}
