/** What a PromQL expression reads: a metric, and the labels by which it is chosen or told apart. */
export type Read = { readonly metric: string; readonly labels: readonly string[] };

/** Words of the language that could be taken for metrics (Prometheus documentation, "Querying basics" and "Operators"). */
const words = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end"]);
const grouping = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);

type Token = { readonly kind: "name" | "text" | "sign"; readonly text: string };

/**
 * Reads the metrics and labels of an expression by its tokens alone. Labels of a grouping are told of every metric, so
 * that one which none of them has can be found.
 */
export function readPromql(expression: string): readonly Read[] {
  const tokens = tokenize(expression);
  const reads: { metric: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    const next = tokens[at + 1]?.text;
    if (token?.kind !== "name") continue;
    if (grouping.has(token.text)) {
      const list = until(tokens, at + 1, ")");
      grouped.push(...list.filter(({ kind }) => kind === "name").map(({ text }) => text));
      at += list.length + 1;
    } else if (next === "{") {
      const matchers = until(tokens, at + 1, "}");
      reads.push({
        metric: token.text,
        labels: matchers.filter(({ kind }) => kind === "name").map(({ text }) => text),
      });
      at += matchers.length + 1;
    } else if (next !== "(" && next !== "by" && next !== "without" && !words.has(token.text.toLowerCase()))
      reads.push({ metric: token.text, labels: [] });
  }
  return reads.map(({ metric, labels }) => ({ metric, labels: [...labels, ...grouped] }));
}

function until(tokens: readonly Token[], from: number, end: string): readonly Token[] {
  const found = tokens.findIndex(({ text, kind }, at) => at >= from && kind === "sign" && text === end);
  if (found < 0) throw new SyntaxError(`"${end}" is missing.`);
  return tokens.slice(from, found);
}

const token = /\s+|("(?:[^"\\]|\\.)*")|(\[[^\]]*\])|(\d[\w.]*)|([A-Za-z_:][\w:]*)|([^\s\w])/g;

/** Durations, ranges and numbers are left out; Grafana's `$…` names stand in strings and ranges only. */
function tokenize(expression: string): readonly Token[] {
  return [...expression.matchAll(token)].flatMap(([, text, , , name, sign]): Token[] => {
    if (name !== undefined) return [{ kind: "name", text: name }];
    if (text !== undefined) return [{ kind: "text", text }];
    return sign === undefined ? [] : [{ kind: "sign", text: sign }];
  });
}
