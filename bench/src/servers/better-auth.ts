/** better-auth's check of a session on PostgreSQL, with its cookie cache or without, in the cheapest mount of tRPC. */
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import { answer, settings } from "../harness/answer.ts";
import { peerRouter } from "./peer-router.ts";
import { serveFetch } from "./serve-fetch.ts";

const { databaseUrl, cookieCache } = settings<{ databaseUrl: string; cookieCache: boolean }>();
const options = {
  baseURL: "http://localhost:4000",
  secret: "a secret of this benchmark alone, long enough",
  database: new pg.Pool({ connectionString: databaseUrl, max: 10 }),
  emailAndPassword: { enabled: true },
  session: { cookieCache: { enabled: cookieCache, maxAge: 3600 } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);

const port = await serveFetch((request) =>
  fetchRequestHandler({
    endpoint: "/trpc",
    req: request,
    router: peerRouter,
    createContext: async () => {
      const session = await auth.api.getSession({ headers: request.headers });
      return { user: session === null ? null : { id: session.user.id } };
    },
  }),
);

answer({
  start: async () => {
    const body = { email: `${crypto.randomUUID()}@example.com`, password: "correct horse battery", name: "Ann" };
    const response = await auth.api.signUpEmail({ body, asResponse: true });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    return { port, headers: { cookie: cookies.join("; ") } };
  },
});
