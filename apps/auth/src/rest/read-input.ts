import { Refusal } from "@countersign/context";
import { TRPCError } from "@trpc/server";
import type { z } from "zod";

/**
 * Reads a REST request's JSON body by a schema; no body at all counts as `{}`. Another content type is refused even
 * where the body would parse: a form of another site can send those without asking, and not this one.
 *
 * @throws Refusal or TRPCError BAD_REQUEST
 */
export async function readInput<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  const text = await request.text();
  if (text !== "" && type.trim().toLowerCase() !== "application/json") {
    throw new Refusal("BAD_REQUEST", "The body is JSON: send it with Content-Type: application/json.");
  }
  const parsed = schema.safeParse(text === "" ? {} : parseJson(text));
  if (!parsed.success) throw new TRPCError({ code: "BAD_REQUEST", cause: parsed.error });
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("BAD_REQUEST", "The body is not valid JSON."); // the parser's own words quote the body
  }
}
