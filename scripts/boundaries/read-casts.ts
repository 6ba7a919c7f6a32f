import { type Program, Visitor } from "oxc-parser";

/** The lines on which a cast (`x as T`, not `as const`) ends. */
export function readCasts(program: Program, lineOf: (offset: number) => number): readonly number[] {
  const lines: number[] = [];
  new Visitor({
    TSAsExpression: ({ typeAnnotation, end }) => {
      const isConst =
        typeAnnotation.type === "TSTypeReference" &&
        typeAnnotation.typeName.type === "Identifier" &&
        typeAnnotation.typeName.name === "const";
      if (!isConst) lines.push(lineOf(end));
    },
    TSTypeAssertion: ({ end }) => lines.push(lineOf(end)),
  }).visit(program);
  return lines;
}
