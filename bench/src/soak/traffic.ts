import { openConnection, toBytes } from "../harness/drive.ts";

/** What users do, in the shares in which they do it; each is one request through the gateway. */
export type Traffic = { next(): Buffer; renew(): Promise<void> };

type Signed = { readonly accessToken: string };
type Credentials = { readonly email: string; readonly password: string };

/**
 * A signed-in user who looks at products, at the own orders, alone and two at once, and at the own account. `renew` signs
 * in anew, ahead of the token's end.
 */
export async function createTraffic(url: string, { email, password }: Credentials): Promise<Traffic> {
  const port = Number(new URL(url).port);
  let requests: readonly Buffer[] = [];
  let at = 0;

  async function renew(): Promise<void> {
    const connection = await openConnection(port);
    const login = toBytes({ path: "/auth/login", json: { email, password, mode: "bearer" } });
    const { status, body } = await connection.send(login);
    connection.close();
    if (status !== 200) throw new Error(`The sign-in was answered with ${status}: ${body}`);
    const { accessToken } = JSON.parse(body) as Signed; // in bearer mode
    const headers = { authorization: `Bearer ${accessToken}` };
    const products = toBytes({ path: "/trpc/products/list?input=%7B%22limit%22%3A5%7D" });
    const orders = toBytes({ path: "/trpc/orders/list?input=%7B%7D", headers });
    const both = toBytes({
      path: "/trpc/orders/list,list?batch=1&input=%7B%220%22%3A%7B%7D%2C%221%22%3A%7B%7D%7D",
      headers,
    });
    const me = toBytes({ path: "/trpc/auth/me", headers });
    requests = [products, orders, products, me, products, orders, both, me, products, orders];
  }
  await renew();
  return {
    next() {
      at = (at + 1) % requests.length;
      return requests[at] ?? Buffer.alloc(0);
    },
    renew,
  };
}
