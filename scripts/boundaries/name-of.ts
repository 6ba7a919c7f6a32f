import type { CallExpression } from "oxc-parser";

/** `a.b` for the expression `a.b` or `a["b"]`; without its left part where that is no plain name. */
export function nameOf(expression: CallExpression["callee"]): string {
  if (expression.type === "Identifier") return expression.name;
  if (expression.type === "MetaProperty") return "import.meta";
  if (expression.type !== "MemberExpression") return "";
  const object = nameOf(expression.object);
  if (!expression.computed) {
    return expression.property.type === "PrivateIdentifier" ? "" : `${object}.${expression.property.name}`;
  }
  return expression.property.type === "Literal" ? `${object}.${String(expression.property.value)}` : "";
}
