import { isService, type ServiceName } from "@countersign/access";
import { createCallClient } from "@countersign/client/service";
import { type Calls, pathProxy } from "@countersign/context";
import type { AnyRouter } from "@trpc/server";
import type { InProcessApp } from "./in-process-fetch.ts";
import type { DelegatedTokenOptions, TestIssuer, UserTokenOptions } from "./test-issuer.ts";

/** The apps that a kit reaches, each under its service's name. */
export type KitApps<Routers> = {
  readonly [Name in keyof Routers]: Name extends ServiceName ? InProcessApp : never;
};

/**
 * Callers of apps in this process: `<caller>.<service>.<procedure>(input)` gives the output, typed by the router, and
 * rejects with a `TRPCClientError` whose `data.code` is the refusal's. Each call goes through the app's door with a real
 * token, which the app verifies.
 */
export type TestKit<Routers> = {
  /** A user who calls directly: somebody new, with the role `user` and a session, unless told. */
  readonly asUser: (user?: UserTokenOptions) => Promise<Calls<Routers>>;
  /** A service that calls for itself. */
  readonly asService: (name: ServiceName) => Calls<Routers>;
  /** A user through a service, and through the services behind it that `user.through` names, nearest first. */
  readonly asUserVia: (name: ServiceName, user?: DelegatedTokenOptions) => Calls<Routers>;
  /** Nobody: no credential at all. */
  readonly asNobody: () => Calls<Routers>;
};

/**
 * Makes a kit for these apps, which have to believe `issuer`: `createTestChassis` with the same one.
 *
 * ```ts
 * const kit = createTestKit<{ orders: OrdersRouter }>({ issuer, apps: { orders: app } });
 * const alice = await kit.asUser();
 * await alice.orders.place({ items, idempotencyKey });
 * await expect(kit.asService("products").orders.list()).rejects.toMatchObject({ data: { code: "FORBIDDEN" } });
 * ```
 */
export function createTestKit<Routers extends { readonly [Name in keyof Routers]: AnyRouter }>({
  issuer,
  apps,
}: {
  readonly issuer: TestIssuer;
  readonly apps: KitApps<Routers>;
}): TestKit<Routers> {
  const reach = new Map<string, InProcessApp>(Object.entries(apps));
  const callsWith = (tokenFor: TokenFor) =>
    pathProxy([], ([service = "", ...path], input) => {
      const app = reach.get(service);
      if (app === undefined || !isService(service)) throw new Error(`The kit has no app of the name ${service}.`);
      const send = createCallClient("http://service.test", (url, init) =>
        Promise.resolve(app.request(new Request(url, init))),
      );
      return tokenFor(service).then((token) => send({ path: path.join("."), input }, credentialOf(token)));
    }) as Calls<Routers>; // the proxy answers to every path; the type says which exist

  return {
    async asUser(user = {}) {
      const token = await issuer.userToken({ id: crypto.randomUUID(), ...user });
      return callsWith(async () => token);
    },
    asService: (name) => callsWith((callee) => issuer.serviceToken(name, callee)),
    asUserVia(name, user = {}) {
      const who = { id: crypto.randomUUID(), sessionId: crypto.randomUUID(), ...user };
      return callsWith((callee) => issuer.delegatedToken(name, callee, who));
    },
    asNobody: () => callsWith(async () => null),
  };
}

type TokenFor = (callee: ServiceName) => Promise<string | null>;

function credentialOf(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
