import type { ProcedureAnswer } from "@countersign/testing";
import { z } from "zod";

/** The id of the order that an answer shows. */
export function orderIdOf({ data }: ProcedureAnswer): string {
  return z.object({ id: z.uuid() }).parse(data).id;
}
