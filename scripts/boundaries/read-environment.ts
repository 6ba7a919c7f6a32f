import { type Program, Visitor } from "oxc-parser";
import { nameOf } from "./name-of.ts";

/** The lines that read the environment, or take hold of what carries it. */
export function readEnvironment(program: Program, lineOf: (offset: number) => number): readonly number[] {
  const lines: number[] = [];
  new Visitor({
    MemberExpression: (node) => {
      if (/^(globalThis\.)?(process|Bun|import\.meta|Deno)\.env$/.test(nameOf(node))) lines.push(lineOf(node.start));
    },
    VariableDeclarator: ({ id, init }) => {
      if (id.type === "ObjectPattern" && init?.type === "Identifier" && init.name === "process") {
        lines.push(lineOf(init.start));
      }
    },
    ImportDeclaration: ({ source, start }) => {
      if (source.value === "node:process" || source.value === "process") lines.push(lineOf(start));
    },
  }).visit(program);
  return lines;
}
