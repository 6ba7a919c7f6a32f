import { z } from "zod";

/** What a followed topic is made of on its way over HTTP. */
export const feedItem = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("event"), key: z.string(), data: z.unknown(), at: z.number() }),
  /** How the bus behind it stands, as the bus said it. */
  z.object({ kind: z.literal("state"), state: z.enum(["live", "down"]) }),
  /** Nothing has happened: the other side is there. */
  z.object({ kind: z.literal("beat") }),
  /** This stream ends in good order, because the credential has ended or the process is about to: come again. */
  z.object({ kind: z.literal("end") }),
]);

/** One item; an event comes with its position as the id of the stream. */
export type FeedItem = z.output<typeof feedItem>;
