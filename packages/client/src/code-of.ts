import { TRPCClientError } from "@trpc/client";

/** The tRPC code of a server's refusal, such as `NOT_FOUND`; undefined when what failed was no answer of tRPC's. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof TRPCClientError)) return undefined;
  const data: unknown = error.data;
  const code = typeof data === "object" && data !== null && "code" in data ? data.code : undefined;
  return typeof code === "string" ? code : undefined;
}
