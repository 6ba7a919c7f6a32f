/** An app that answers requests without a listener, such as a Hono app. */
export type InProcessApp = { request(input: Request): Response | Promise<Response> };

/**
 * A fetch that hands requests for these origins to apps in this process, and fails for any other as a server that is
 * down does: services call each other in tests as they do in production, without a port.
 */
export function inProcessFetch(apps: Readonly<Record<string, InProcessApp>>) {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const app = apps[new URL(request.url).origin];
    if (app === undefined) throw new TypeError(`fetch failed: nothing in process answers for ${request.url}`);
    return app.request(request);
  };
}
