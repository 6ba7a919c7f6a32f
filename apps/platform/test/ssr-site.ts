import type { AuthRouter } from "@countersign/auth/router";
import { codeOf, continueUrl, forRequest } from "@countersign/client";
import type { OrdersRouter } from "@countersign/orders/router";
import type { ProductsRouter } from "@countersign/products/router";
import { serve } from "@countersign/service";
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
  stop(): Promise<void>;
};

export type SiteOptions = {
  /** Answers what is not the platform's. */
  readonly pages: (gateway: string) => (request: Request) => Promise<Response>;
};

/** Starts it on free ports. `/auth`, `/trpc` and the like go to the gateway, everything else to the pages. */
export async function startSite({ pages }: SiteOptions): Promise<Site> {
  const port = (await freePorts(["gateway"]))("gateway");
  const url = `http://localhost:${port}`;
  const platform = await startTestPlatform({ publicUrl: url });
  const gateway = platform.origins.gateway;
  const render = pages(gateway);
  const seen: string[] = [];
  const front = await serve(
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const isOurs = /^\/(auth|trpc|oauth|\.well-known)\//.test(pathname);
      const response = await (isOurs ? passOn(request, gateway + pathname + search) : render(request));
      seen.push(`${request.method} ${pathname}${search} ${response.status}`);
      return response;
    },
    { port, hostname: "127.0.0.1", log: silentLog, drainMs: 100 },
  );
  const stop = async (): Promise<void> => {
    await front.stop();
    await platform.stop();
  };
  return { url, platform, seen, stop };
}

async function passOn(request: Request, target: string): Promise<Response> {
  const headers = new Headers(request.headers);
  for (const name of ["host", "connection", "content-length"]) headers.delete(name);
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const body = hasBody ? { body: await request.arrayBuffer() } : {};
  const {
    status,
    headers: answered,
    body: streamed,
  } = await fetch(target, {
    method: request.method,
    headers,
    redirect: "manual",
    signal: request.signal,
    ...body,
  });
  return new Response(streamed, { status, headers: answered });
}
