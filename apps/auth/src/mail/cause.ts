import type { Requester } from "../requester.ts";
import type { MailParams } from "../schema-mail.ts";

/** What a mail keeps of the request that caused it, for the audit log. */
export function toParams({ requestId, address }: Requester): MailParams {
  return { requestId, address };
}

/** The request that caused a mail. */
export function causeOf(params: MailParams): Pick<Requester, "requestId" | "address"> | null {
  const { requestId = null, address = null } = params;
  return requestId === null || address === null ? null : { requestId, address };
}
