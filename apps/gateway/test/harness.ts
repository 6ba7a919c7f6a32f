import { type ServiceName, serviceNames } from "@countersign/access";
import { toFetch } from "@countersign/service";
import { inProcessFetch, silentLog } from "@countersign/testing";
import { createApp, type GatewayDeps } from "../src/app.ts";
import { forwardInProcess } from "./in-process-transport.ts";

/** A request as a service saw it. */
export type Seen = { method: string; url: URL; headers: Headers; body: string };

/** What a service answers. */
export type Answer = (request: Request) => Response | Promise<Response>;

export type TestGateway = {
  /** Sends a request to the gateway, relative to its public origin. */
  readonly request: (path: string, init?: RequestInit & { peer?: string }) => Promise<Response>;
  /** Every request that reached a service, in order. */
  readonly seen: readonly Seen[];
  /** The same for a URL that is taken as it is. */
  readonly fetch: (url: string, init?: RequestInit & { peer?: string }) => Promise<Response>;
};

export type TestOptions = Partial<GatewayDeps> & {
  /** What every service answers; `{"result":{"data":null}}` unless told. */
  readonly answer?: Answer;
};

/** A gateway in this process in front of services that write down what reaches them. */
export function createTestGateway({ answer = ok, ...options }: TestOptions = {}): TestGateway {
  const seen: Seen[] = [];
  const service = {
    async request(request: Request): Promise<Response> {
      const copy = request.clone();
      const { method, headers } = request;
      seen.push({ method, headers, url: new URL(request.url), body: await copy.text() });
      return answer(request);
    },
  };
  const upstreams = originsOf((name) => `http://${name}.test`);
  const others = [...Object.values(options.apis ?? {}), options.web ?? []];
  const origins = [...Object.values(upstreams), ...others].flat();
  const apps = Object.fromEntries(origins.map((origin) => [origin, service]));
  const publicOrigin = options.publicOrigin ?? "http://localhost:4000";
  const forward = forwardInProcess(inProcessFetch(apps));
  const app = createApp({ upstreams, publicOrigin, forward, log: silentLog, now: Date.now, ...options });
  const fetch: TestGateway["fetch"] = async (url, { peer = "192.0.2.7", ...init } = {}) =>
    toFetch(app)(new Request(url, init), { address: peer });
  return { seen, fetch, request: (path, init) => fetch(new URL(path, publicOrigin).href, init) };
}

/** An origin for every service. */
export function originsOf(origin: (name: string) => string): Record<ServiceName, string> {
  const origins = serviceNames.map((name) => [name, origin(name)]);
  return Object.fromEntries(origins) as Record<ServiceName, string>; // made from every name
}

function ok(): Response {
  return Response.json({ result: { data: null } });
}
