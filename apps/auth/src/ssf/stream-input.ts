import { z } from "zod";
import { deliveryMethods } from "./metadata.ts";
import { isPushTarget } from "./push-target.ts";
import { SsfError } from "./ssf-error.ts";

const text = (most: number) => z.string().max(most);
const streamId = text(64);

const delivery = z.discriminatedUnion("method", [
  z.object({ method: z.literal(deliveryMethods.poll), endpoint_url: text(2_048).optional() }),
  z.object({
    method: z.literal(deliveryMethods.push),
    endpoint_url: text(2_048).refine(
      isPushTarget,
      "is an https URL, or an http URL of this machine, without user or fragment",
    ),
    authorization_header: z
      .string()
      .max(4_096)
      .regex(/^[!-~][ -~]*$/, "is a value of a header")
      .optional(),
  }),
]);

/** What a receiver says of the stream that it wants; what auth decides (`stream_id`, `iss`, `aud` …) is read apart. */
const wishes = z.object({
  delivery: delivery.optional(),
  events_requested: z.array(text(512)).max(32).optional(),
  description: text(256).optional(),
});
export type StreamWishes = z.output<typeof wishes>;

const changes = wishes.extend({ stream_id: streamId, iss: z.unknown(), aud: z.unknown() }).partial({
  iss: true,
  aud: true,
});
export type StreamChanges = z.output<typeof changes>;

const status = z.object({
  stream_id: streamId,
  status: z.enum(["enabled", "paused", "disabled"]),
  reason: text(256).optional(),
});
export type StatusChange = z.output<typeof status>;

const verification = z.object({ stream_id: streamId, state: text(1_024).optional() });

const jtis = text(128);
const poll = z.object({
  maxEvents: z.int().nonnegative().optional(),
  returnImmediately: z.boolean().default(false),
  ack: z.array(jtis).max(1_000).default([]),
  setErrs: z
    .record(jtis, z.object({ err: text(128), description: text(1_024).optional() }))
    .refine((errors) => Object.keys(errors).length <= 1_000)
    .default({}),
});
export type PollInput = z.output<typeof poll>;

export const ssfInputs = { wishes, changes, status, verification, poll } as const;

/**
 * Reads the JSON body of a request.
 *
 * @throws SsfError 400, which names the member
 */
export async function readSsfInput<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json")
    throw new SsfError(400, "The body is JSON: send it with Content-Type: application/json.");
  const parsed = schema.safeParse(parseJson(await request.text()));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SsfError(400, `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "is malformed"}`);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new SsfError(400, "The body is not valid JSON."); // the parser's own words quote the body
  }
}
