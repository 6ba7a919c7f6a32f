import type { AuthRouter } from "@countersign/auth/router";
import { createMemoryTokenStore, createPlatformClient, createSession, type Fetch } from "@countersign/client";
import type { InventoryRouter } from "@countersign/inventory/router";
import type { OrdersRouter } from "@countersign/orders/router";
import type { ProductsRouter } from "@countersign/products/router";
import makeFetchCookie from "fetch-cookie";

type Routers = { auth: AuthRouter; products: ProductsRouter; orders: OrdersRouter; inventory: InventoryRouter };

/** A client that keeps cookies, as a browser does. */
export function browserLike(url: string, fetch: Fetch) {
  const cookies: Fetch = makeFetchCookie(fetch);
  const session = createSession({ url, mode: "cookie", fetch: cookies });
  return { session, api: createPlatformClient<Routers>({ url, session, fetch: cookies }) };
}

/** A client that keeps its tokens itself, as a script or a mobile app does; `tokens` shows what it holds. */
export function scriptLike(url: string, fetch: Fetch) {
  const tokens = createMemoryTokenStore();
  const session = createSession({ url, mode: "bearer", tokens, fetch });
  return { session, tokens, api: createPlatformClient<Routers>({ url, session, fetch }) };
}

/** A client that shows one access token and never renews it. */
export function holding(accessToken: string, url: string, fetch: Fetch) {
  const tokens = createMemoryTokenStore({ accessToken, refreshToken: "" });
  return createPlatformClient<Routers>({ url, mode: "bearer", tokens, fetch });
}
