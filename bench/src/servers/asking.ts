/** A service that verifies nothing and asks the auth service on every request, in the cheapest mount of tRPC. */
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { answer, settings } from "../harness/answer.ts";
import { peerRouter } from "./peer-router.ts";
import { serveFetch } from "./serve-fetch.ts";

const { authPort } = settings<{ authPort: number }>();

type Verified = { valid: boolean; user?: { id: string } };

async function ask(token: string): Promise<{ id: string } | null> {
  const response = await fetch(`http://127.0.0.1:${authPort}/auth/verify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  const { user } = (await response.json()) as Verified; // the auth service's own answer
  return user ?? null;
}

const port = await serveFetch((request) =>
  fetchRequestHandler({
    endpoint: "/trpc",
    req: request,
    router: peerRouter,
    createContext: async () => ({ user: await ask(request.headers.get("authorization")?.slice(7) ?? "") }),
  }),
);

answer({ start: () => ({ port }) });
