import type { DeclaredProcedure } from "@countersign/context";
import type { TRPCRequestInfo } from "@trpc/server/http";

/**
 * Which kind of procedure a request calls; undefined for a batch, and for a path that is nobody's. A service says it with
 * every answer, because callers have no other way to know what they may ask again.
 */
export function createTypeOf(procedures: readonly DeclaredProcedure[]): (info: TRPCRequestInfo) => string | undefined {
  const types = new Map(procedures.map(({ path, type }): [string, string] => [path, type]));
  return ({ calls: [call, ...others] }) => (call === undefined || others.length > 0 ? undefined : types.get(call.path));
}
