import { type Program, Visitor } from "oxc-parser";
import { nameOf } from "./name-of.ts";

/** Something that importing a file does, or something changeable that it leaves behind. */
export type Action = { readonly what: string; readonly line: number };

/** Calls to these act, or answer otherwise each time: they belong into a function that gets them as arguments. */
const actor =
  /^(process|console|Bun|Deno|crypto|performance|Date\.now|Math\.random|fetch|set(Timeout|Interval|Immediate)|queueMicrotask)\b/;

/** Finds what happens while a file is being imported, in its own lines. */
export function readActions(program: Program, lineOf: (offset: number) => number): readonly Action[] {
  const actions = program.body.flatMap((statement) => toActions(statement, lineOf));
  // How many functions surround the node: outside of all of them, code runs on import.
  let depth = 0;
  const enter = (): void => void depth++;
  const leave = (): void => void depth--;
  const act = (what: string, offset: number): void => {
    if (depth === 0) actions.push({ what, line: lineOf(offset) });
  };
  new Visitor({
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
    PropertyDefinition: enter,
    "PropertyDefinition:exit": leave,
    AwaitExpression: ({ start }) => act("waits", start),
    CallExpression: ({ callee, start }) => {
      const name = nameOf(callee);
      if (actor.test(name)) act(`calls ${name}`, start);
    },
    NewExpression: ({ callee, arguments: given, start }) => {
      const name = nameOf(callee);
      if (given.length > 0) return;
      if (name === "Date") act("reads the clock", start);
      if (name === "Map" || name === "Set") act(`keeps a ${name}`, start);
    },
  }).visit(program);
  return actions;
}

/** A statement at the top of a file that is more than a declaration. */
function toActions(statement: Program["body"][number], lineOf: (offset: number) => number): Action[] {
  const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declared === null) return [];
  const line = lineOf(declared.start);
  if (declared.type === "VariableDeclaration" && declared.kind !== "const") {
    return declared.declare ? [] : [{ what: `declares a ${declared.kind}`, line }];
  }
  return declared.type.endsWith("Declaration") ? [] : [{ what: "runs a statement", line }];
}
