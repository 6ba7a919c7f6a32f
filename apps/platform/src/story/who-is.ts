import type { Fetch } from "@countersign/client";
import { z } from "zod";

const answer = z.object({ userId: z.string().optional(), sawToken: z.boolean().optional() });

/** Asks the service that is no tRPC, through the public door, who is calling with these headers. */
export async function whoIs(url: string, fetch: Fetch, headers: Record<string, string>) {
  const response = await fetch(`${url}/api/plain/me`, { headers });
  return { status: response.status, body: answer.parse(await response.json()) };
}
