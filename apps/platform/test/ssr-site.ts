import type { AuthRouter } from "@countersign/auth/router";
import { codeOf, continueUrl, forRequest } from "@countersign/client";
import { checkByAuthKeys, createApp, createCookieVerifier } from "@countersign/gateway/app";
import type { OrdersRouter } from "@countersign/orders/router";
import type { ProductsRouter } from "@countersign/products/router";
import { createTransport, serve, serveAnswers } from "@countersign/service";
import { silentLog } from "@countersign/testing";
import type { Platform } from "../src/run/start-platform.ts";
import { freePorts, startTestPlatform } from "./start-test-platform.ts";

export type Routers = { auth: AuthRouter; products: ProductsRouter; orders: OrdersRouter };

/** A server that renders pages, as its author writes it: who is signed in is greeted. */
export function createPages(gateway: string): (request: Request) => Promise<Response> {
  const greet = async (request: Request): Promise<string> => {
    const { email } = await forRequest<Routers>(request, { url: gateway }).auth.me.query();
    return `Hello ${email}`;
  };

  return async (request) => {
    const first = continueUrl(request);
    if (first !== null) return seeOther(first);
    try {
      return html(await greet(request));
    } catch (error) {
      const then = continueUrl(request, error);
      if (then !== null) return seeOther(then);
      if (codeOf(error) !== "UNAUTHORIZED") throw error;
      return html("Hello stranger");
    }
  };
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}

function html(text: string): Response {
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return new Response(`<!doctype html><title>Shop</title><body>${text}</body>`, { headers });
}

/** A whole platform and a server of pages behind one public origin. */
export type Site = {
  readonly url: string;
  readonly platform: Platform;
  /** What browsers asked for, as `METHOD path?query`, with the status. */
  readonly seen: string[];
  /** Answers to these paths wait for this on their way to the browser; what was asked for has been done. */
  readonly held: Map<string, Promise<unknown>>;
  stop(): Promise<void>;
};

export type SiteOptions = {
  /** The web app: answers what is not the platform's. */
  readonly pages: (gateway: string) => (request: Request) => Promise<Response>;
};

/** Starts it on free ports: a gateway whose web app the pages are, before services and auth as `npm start` has them. */
export async function startSite({ pages }: SiteOptions): Promise<Site> {
  const port = (await freePorts(["gateway"]))("gateway");
  const url = `http://localhost:${port}`;
  const platform = await startTestPlatform({ publicUrl: url });
  const at = { hostname: "127.0.0.1", log: silentLog, drainMs: 100 };
  const web = await serve(pages(platform.origins.gateway), { ...at, port: 0 });
  const transport = createTransport();
  const { gateway: _inner, ...upstreams } = platform.origins;
  const log = silentLog;
  const keys = checkByAuthKeys({ authOrigin: upstreams.auth, insecureSharedSecrets: null });
  const gateway = createApp({
    upstreams,
    cookieVerifier: createCookieVerifier({ issuer: url, ...keys, now: Date.now }),
    web: web.url,
    publicOrigin: url,
    forward: transport.forward,
    log,
    now: Date.now,
  });
  const seen: string[] = [];
  const held = new Map<string, Promise<unknown>>();
  const front = await serveAnswers(
    async (asked) => {
      const answer = await gateway(asked);
      seen.push(`${asked.method} ${asked.target} ${answer.status}`);
      await held.get(asked.target.split("?", 1)[0] ?? "");
      return answer;
    },
    { ...at, port },
  );
  const stop = async (): Promise<void> => {
    await front.stop();
    await web.stop();
    await transport.close();
    await platform.stop();
  };
  return { url, platform, seen, held, stop };
}
