import type { FeedPosition, KeySource } from "@countersign/tokens";
import { z } from "zod";

/** A part of auth's sequence of revocations, as auth itself gives it. */
export const revocationPage = z.object({
  /** Names the sequence. */
  epoch: z.string(),
  /** The number of the last revocation that the page brings one up to. */
  number: z.int().nonnegative(),
  /** The last heartbeat. */
  beat: z.int().nonnegative(),
  /** Those up to that number that still matter. */
  revocations: z.array(
    z.object({
      kind: z.enum(["session", "user", "token", "service", "key"]),
      id: z.string(),
      below: z.int().positive().optional(),
      except: z.string().optional(),
      expiresAt: z.int(),
    }),
  ),
  /** Whether there are more after that number. */
  more: z.boolean(),
});

export type RevocationPage = z.output<typeof revocationPage>;

/** Who is trusted about revocations: auth, by its signature on each event, and by its own answer. */
export type RevocationSource = {
  /** The issuer that events name. */
  readonly issuer: string;
  /** The keys that auth signs events with. */
  readonly keys: KeySource;
  /**
   * Asks auth for the revocations after a place in the sequence, for all of them with null or another sequence; rejects
   * when auth cannot say. Absent where this process cannot ask: then only what the bus retains is known, and a gap in it
   * is reported until it no longer matters.
   */
  readonly since?: ((after: FeedPosition | null) => Promise<RevocationPage>) | undefined;
};
