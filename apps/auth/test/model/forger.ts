import { eventTypes, feedAudience, toSecurityEvent } from "@countersign/context";
import { generateSigningKey, importSigningKey, type SigningKey, signSecurityEvent } from "@countersign/tokens";
import { publicUrl } from "../open-test-auth.ts";

/** What somebody with write access to the bus puts there. */
export const forgeries = ["revocation", "heartbeat", "no token", "no event"] as const;
export type Forgery = (typeof forgeries)[number];

/** Makes forgeries by a key of its own, which no follower trusts. */
export type Forger = (
  kind: Forgery,
  about: { readonly userId: string; readonly number: number; readonly epoch: string },
) => Promise<unknown>;

export async function createForger(): Promise<Forger> {
  const key: SigningKey = await importSigningKey((await generateSigningKey("EdDSA")).privateJwk);
  const parties = { issuer: publicUrl, audience: feedAudience };
  return async (kind, { userId, number, epoch }) => {
    if (kind === "no event") return { kind: "user", id: userId };
    if (kind === "no token") return { set: "a.b.c" };
    const common = { id: crypto.randomUUID(), issuedAt: Math.floor(Date.now() / 1000) };
    if (kind === "heartbeat") {
      const subject = { format: "opaque", id: epoch };
      const position = { epoch, number, beat: 1_000_000, first: number + 1 };
      const said = { ...common, type: eventTypes.heartbeat, subject, event: {}, position };
      return { set: await signSecurityEvent(said, parties, key) };
    }
    const revocation = { kind: "user", id: userId, below: 1_000_000, expiresAt: 4_000_000_000 } as const;
    const said = toSecurityEvent(revocation, { reason: null, issuer: publicUrl });
    const position = { epoch, number: number + 1 };
    return { set: await signSecurityEvent({ ...common, ...said, position }, parties, key) };
  };
}
