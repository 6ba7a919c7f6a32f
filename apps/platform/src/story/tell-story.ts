import type { Fetch } from "@countersign/client";
import { demoUsers } from "../demo-users.ts";
import { held, refused, refusedWithinASecond } from "./refused.ts";
import { browserLike, holding, scriptLike } from "./shop-client.ts";
import { whoIs } from "./who-is.ts";

export type StoryDeps = {
  /** The public origin. */
  readonly url: string;
  readonly fetch: Fetch;
  /** Told of each step when it has been proved. */
  readonly proved: (step: string) => void;
};

/**
 * Lives through the main job as a new customer and as the admin would, with typed clients and through the public door
 * alone, and holds every step to what it should prove.
 *
 * @throws StoryError, or the client's error, at the first step that goes otherwise.
 */
export async function tellStory({ url, fetch, proved }: StoryDeps): Promise<void> {
  const who = { email: `story-${crypto.randomUUID()}@example.com`, password: `pass-${crypto.randomUUID()}` };
  const browser = browserLike(url, fetch);
  const script = scriptLike(url, fetch);
  const admin = scriptLike(url, fetch);

  const registered = await browser.session.register(who);
  proved(`registered ${registered.user.email} with the role ${registered.user.roles.join(", ")}`);

  await browser.session.login(who);
  const me = await browser.api.auth.me.query();
  held(me.email === who.email, "the cookies belong to somebody else");
  proved(`signed in with cookies: me is ${me.email}`);

  await script.session.login(who);
  const tokens = await script.tokens.get();
  held(tokens !== null, "bearer mode gave no tokens");
  held((await script.api.auth.me.query()).id === me.id, "bearer mode signed somebody else in");
  proved("signed in again in bearer mode: the same user, with tokens in hand");

  const { items: products } = await browser.api.products.list.query({ limit: 5 });
  const [first, second] = products;
  held(first !== undefined && second !== undefined, "the catalogue is empty");
  proved(`listed ${products.length} products; the first is ${first.name} at ${money(first.price)}`);

  const basket = {
    items: [
      { productId: first.id, quantity: 2 },
      { productId: second.id, quantity: 1 },
    ],
    idempotencyKey: crypto.randomUUID(),
  };
  const order = await browser.api.orders.place.mutate(basket);
  held(order.total.amount === 2 * first.price.amount + second.price.amount, "the total is not the sum of the prices");
  proved(
    `placed order ${order.id} for ${money(order.total)}: orders asked products for prices and inventory for stock`,
  );

  const repeated = await browser.api.orders.place.mutate(basket);
  held(repeated.id === order.id, "the same idempotency key placed a second order");
  proved("placed it again with the same idempotency key: still one order");

  const own = await script.api.orders.list.query({});
  held(own.items.length === 1 && own.items[0]?.id === order.id, "the user's own orders are not that one order");
  proved("read the user's own orders: exactly that one");

  const raised = { amount: first.price.amount + 100, currency: first.price.currency };
  const change = { id: first.id, price: raised };
  proved(
    `was refused an admin's action: ${await refused(() => browser.api.products.setPrice.mutate(change), "FORBIDDEN")}`,
  );

  await admin.session.login(demoUsers[2]);
  await admin.api.products.setPrice.mutate(change);
  held((await browser.api.products.get.query({ id: first.id })).price.amount === raised.amount, "the price stayed");
  await admin.api.products.setPrice.mutate({ id: first.id, price: first.price });
  proved(`changed that price to ${money(raised)} as admin, and back`);

  const levels = () => script.api.inventory.levels.query({ productIds: [first.id] });
  proved(`was refused at inventory with a user's token: ${await refused(levels, "UNAUTHORIZED", "FORBIDDEN")}`);

  const named = await whoIs(url, fetch, { authorization: `Bearer ${tokens.accessToken}`, "x-user-id": "admin" });
  held(named.status === 200 && named.body.userId === me.id, "the service that is no tRPC took it for somebody else");
  held(named.body.sawToken === false, "a token went on to a service that must not have it");
  const unsigned = await whoIs(url, fetch, { "x-user-id": me.id, "x-countersign-assertion": tokens.accessToken });
  held(unsigned.status === 401, "a service that is no tRPC believed a bare header");
  proved("asked a service that is no tRPC who is calling: the gateway's signed word counts, bare headers do not");

  held(await script.session.refresh(), "the refresh token was refused");
  const renewed = await script.tokens.get();
  held(renewed !== null && renewed.refreshToken !== tokens.refreshToken, "the refresh token was not rotated");
  proved("refreshed: a new access token, and the refresh token rotated");

  await script.session.logout();
  await browser.session.logout();
  proved("signed out of both sessions");

  await refused(() => browser.api.orders.list.query({}), "UNAUTHORIZED");
  const kept = holding(renewed.accessToken, url, fetch);
  const waited = await refusedWithinASecond(() => kept.orders.list.query({}), "UNAUTHORIZED");
  proved(`was refused afterwards: the access token that was kept ended ${waited} ms after the sign-out`);

  const old = scriptLike(url, fetch);
  await old.tokens.set(renewed);
  held(!(await old.session.refresh()), "a refresh token outlived its session");
  proved("was refused a refresh with the token that was kept");
}

function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(amount / 100);
}
