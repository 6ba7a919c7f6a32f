import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

/**
 * Refuses a body of more than `maxBytes`. One whose length is announced is judged by that, and GET has none: Hono's own
 * limit asks for the body first, for which Node's listener then makes a whole Request out of what it hands on otherwise.
 *
 * @param refuse the answer to a body that is too big
 */
export function limitBody(maxBytes: number, refuse: (c: Context) => Response): MiddlewareHandler {
  const counted = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return async (c, next) => {
    const { method, headers } = c.req.raw;
    if (method === "GET" || method === "HEAD") return await next();
    const announced = headers.get("content-length");
    if (announced === null || headers.has("transfer-encoding")) return await counted(c, next);
    return Number(announced) <= maxBytes ? await next() : refuse(c);
  };
}
