/** One line of the report: what was measured, then a cell for each runtime. */
export type Row = { readonly name: string; readonly cells: readonly string[] };

/** A part of the report. */
export type Section = {
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
};

/** Markdown, with columns that line up in a terminal as well. */
export function toMarkdown({ title, about, columns, rows }: Section): string {
  const table = [columns, ...rows.map(({ name, cells }) => [name, ...cells])];
  const widths = columns.map((_, column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  const toLine = (line: readonly string[]) =>
    `| ${widths.map((width, column) => pad(line[column] ?? "", width, column)).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = table;
  return [`## ${title}`, "", about, "", toLine(head), rule, ...body.map(toLine), ""].join("\n");
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
