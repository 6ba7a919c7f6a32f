import { type Program, Visitor } from "oxc-parser";

/** One import, or export from elsewhere. */
export type Import = {
  readonly specifier: string;
  /** Erased as a whole: `import type …`, `export type … from`, or a type written `import("…")`. */
  readonly typeOnly: boolean;
  readonly line: number;
};

/** Every import of a file, static, dynamic or in a type, in the order of the text. */
export function readImports(program: Program, lineOf: (offset: number) => number): readonly Import[] {
  const imports: Import[] = [];
  const add = (source: { value: string; start: number } | null, typeOnly: boolean): void => {
    if (source !== null) imports.push({ specifier: source.value, typeOnly, line: lineOf(source.start) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === "type"),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === "type"),
    TSImportType: (node) => add(node.source, true),
    ImportExpression: ({ source }) => {
      if (source.type === "Literal" && typeof source.value === "string") {
        add({ value: source.value, start: source.start }, false);
      }
    },
  }).visit(program);
  return imports;
}
