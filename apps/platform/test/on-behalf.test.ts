import { createTransport, type Outgoing, type Transport } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import type { Platform } from "../src/run/start-platform.ts";
import { callAuth, demoAdmin, post, registerAt, type SignedIn, signInAt, statusOf } from "./revocation-rig.ts";
import { startTestPlatform } from "./start-test-platform.ts";

/** A request from one service to another, as it was sent. */
type Sent = { readonly url: string; readonly token: string; readonly body: string };

const lamp = "0190a000-0000-7000-8000-000000000001";
const claims = z.object({
  sub: z.string(),
  aud: z.string(),
  act: z.object({ sub: z.string() }).optional(),
  sid: z.string().optional(),
  roles: z.array(z.string()).optional(),
  permissions: z.array(z.string()).optional(),
  iat: z.number(),
  exp: z.number(),
});

describeDatabases(
  "a call on a user's behalf, through gateway, orders and inventory",
  { migrations: [] },
  (_open, { url }) => {
    const sent: Sent[] = [];
    let platform: Platform;
    beforeAll(async () => {
      const real = createTransport();
      const transport: Transport = {
        ...real,
        forward(outgoing) {
          sent.push(toSent(outgoing));
          return real.forward(outgoing); // a recorder, on the way to the real thing
        },
      };
      platform = await startTestPlatform({ databaseUrl: url() ?? undefined, transport });
    });
    afterAll(() => platform.stop());
    beforeEach(() => void sent.splice(0));

    const orderOf = (quantity = 1) => ({ items: [{ productId: lamp, quantity }], idempotencyKey: crypto.randomUUID() });
    const place = ({ accessToken }: SignedIn, order: object = orderOf()) =>
      post(`${platform.url}/trpc/orders/place`, order, accessToken);
    const sentTo = (address: string) => sent.filter((request) => request.url === address);
    const tokenSentTo = (address: string): string => sentTo(address).at(-1)?.token ?? "";
    const exchanges = () =>
      sent.filter(({ url: to, body }) => to.endsWith("/oauth/token") && body.includes("token-exchange"));
    const inventory = (procedure: string) => `${platform.origins.inventory}/trpc/${procedure}`;
    const products = (procedure: string) => `${platform.origins.products}/trpc/${procedure}`;
    const claimsIn = (token: string) =>
      claims.parse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));

    it("reaches inventory with the user, through orders, for inventory alone and for two minutes at most", async () => {
      const alice = await registerAt(platform.origins.auth);
      expect((await place(alice)).status).toBe(200);
      const { sub, aud, act, iat, exp } = claimsIn(tokenSentTo(inventory("reserve")));
      expect({ sub, aud, act }).toEqual({ sub: alice.user.id, aud: "inventory", act: { sub: "orders" } });
      expect(exp - iat).toBeLessThanOrEqual(120);
      expect(sentTo(inventory("reserve"))).not.toContainEqual(expect.objectContaining({ token: alice.accessToken }));
    });

    it("exchanges once for each callee, however often the user orders", async () => {
      const alice = await registerAt(platform.origins.auth);
      await Promise.all([place(alice), place(alice), place(alice)]);
      expect((await place(alice)).status).toBe(200);
      expect(sentTo(inventory("reserve"))).toHaveLength(4);
      expect(exchanges()).toHaveLength(2);
    });

    it("is worth nothing within a second of the user's sign-out, and orders has forgotten it", async () => {
      const { auth, orders } = platform.origins;
      const alice = await registerAt(auth);
      await place(alice);
      const [token, { body }] = [
        tokenSentTo(inventory("reserve")),
        sentTo(inventory("reserve")).at(-1) ?? { body: "" },
      ];
      const reserveAgain = async () => (await post(inventory("reserve"), JSON.parse(body), token)).status;
      expect(await reserveAgain()).toBe(200);
      const before = await kept(orders);
      await callAuth(auth, "logout", { token: alice.accessToken });
      await expect.poll(reserveAgain, { timeout: 1_000, interval: 10 }).toBe(401);
      await expect.poll(() => kept(orders), { timeout: 5_000, interval: 10 }).toBe(before - 1);
    });

    it("cannot be made without the user: orders has no right to reserve of its own", async () => {
      const alice = await registerAt(platform.origins.auth);
      const { id } = z
        .object({ result: z.object({ data: z.object({ id: z.string() }) }) })
        .parse(await (await place(alice)).json()).result.data;
      await post(`${platform.url}/trpc/orders/cancel`, { id }, alice.accessToken);
      const own = tokenSentTo(inventory("release"));
      expect(claimsIn(own)).toMatchObject({ sub: "orders", aud: "inventory" });
      const order = { orderId: crypto.randomUUID(), items: [{ productId: lamp, quantity: 1 }] };
      expect((await post(inventory("reserve"), order, own)).status).toBe(403);
      expect((await post(inventory("reserve"), order, alice.accessToken)).status).toBe(401);
    });

    it("carries none of an administrator's rights that orders does not pass on", async () => {
      const admin = await signInAt(platform.origins.auth, demoAdmin);
      expect((await place(admin)).status).toBe(200);
      const token = tokenSentTo(products("list"));
      expect(claimsIn(token)).toMatchObject({ sub: admin.user.id, aud: "products", act: { sub: "orders" } });
      expect(claimsIn(token).permissions).not.toContain("products:write");
      const price = { id: lamp, price: { amount: 1, currency: "EUR" } };
      expect((await post(products("setPrice"), price, token)).status).toBe(403);
      expect(await statusOf(`${platform.origins.orders}/trpc/listAll`, tokenSentTo(products("list")))).toBe(401);
    });
  },
);

function toSent({ origin, path, headers, body }: Outgoing): Sent {
  const token = headers["authorization"]?.replace("Bearer ", "") ?? "";
  return { url: origin + path, token, body: body instanceof Uint8Array ? new TextDecoder().decode(body) : "" };
}

/** How many users' tokens a service keeps with what they were exchanged for. */
async function kept(origin: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^countersign_exchanged_subjects\{[^}]*\} (\d+)$/m.exec(text)?.[1]);
}
