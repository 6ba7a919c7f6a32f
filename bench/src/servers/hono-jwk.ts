/** Hono with its own middleware hono/jwk, the keys given to it so that it need not fetch them for every request. */
import { trpcServer } from "@hono/trpc-server";
import { type Context, Hono } from "hono";
import { jwk } from "hono/jwk";
import { answer } from "../harness/answer.ts";
import { audience, createIdentity, issuer, signPlainJwt } from "./identity.ts";
import { peerRouter } from "./peer-router.ts";
import { serveFetch } from "./serve-fetch.ts";

const identity = await createIdentity("RS256");
const keys = identity.publicJwks.map((key) => ({ ...key }));

type Variables = { jwtPayload: { sub: string } };

const app = new Hono<{ Variables: Variables }>();
app.use(jwk({ keys, alg: ["RS256"], verification: { iss: issuer, aud: audience } }));
app.use(
  "/trpc/*",
  trpcServer({
    router: peerRouter,
    createContext: (_options, c: Context<{ Variables: Variables }>) => ({ user: { id: c.get("jwtPayload").sub } }),
  }),
);
app.get("/plain", (c) => c.json({ id: c.get("jwtPayload").sub }));
const port = await serveFetch(app.fetch);

answer({
  start: async () => ({ port, headers: { authorization: `Bearer ${await signPlainJwt(identity)}` } }),
});
