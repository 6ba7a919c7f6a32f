import { type Program, Visitor } from "oxc-parser";

/** The lines on which an object that is written down has a getter or a setter; those of classes are nobody's harm. */
export function readGetters(program: Program, lineOf: (offset: number) => number): readonly number[] {
  const lines: number[] = [];
  new Visitor({
    Property: ({ kind, start }) => {
      if (kind !== "init") lines.push(lineOf(start));
    },
  }).visit(program);
  return lines;
}
