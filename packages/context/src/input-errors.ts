import { ZodError } from "zod";

/** One field of an input that was refused. */
export type InputProblem = { readonly field: string; readonly problem: string };

const most = 10;

/**
 * Says which fields of an input are at fault, at most ten; null for an error that no schema raised. The problem is the
 * schema's sentence, which names what was expected and not what was sent, so that no password comes back.
 */
export function describeInput(cause: unknown): readonly InputProblem[] | null {
  if (!(cause instanceof ZodError)) return null;
  return cause.issues.slice(0, most).map((issue) => ({
    field: issue.path.length === 0 ? "input" : issue.path.map(String).join("."),
    problem: issue.message,
  }));
}
