import { Refusal } from "@countersign/context";
import type { Asked } from "@countersign/service";

/**
 * Refuses a request whose length or target another server might read differently (RFC 9112 §6.3, §3.2). Node's parser
 * refuses most of these itself; this holds Bun to the same, and does not depend on either.
 *
 * @throws {Refusal} BAD_REQUEST
 */
export function checkFraming(headers: Asked["headers"]): void {
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  if (length !== undefined && coding !== undefined) throw malformed("two_lengths");
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw malformed("content_length");
  if (coding !== undefined && coding.toLowerCase() !== "chunked") throw malformed("transfer_encoding");
}

function malformed(reason: string): Refusal {
  return new Refusal("BAD_REQUEST", "The request is malformed.", { reason });
}
