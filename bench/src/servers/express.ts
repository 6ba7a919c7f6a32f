/** express 5 with jsonwebtoken: the check as a middleware, the query by tRPC's express adapter. */
import { createPublicKey } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import express from "express";
import jsonwebtoken from "jsonwebtoken";
import { answer } from "../harness/answer.ts";
import { audience, createIdentity, issuer, signPlainJwt } from "./identity.ts";
import { peerRouter } from "./peer-router.ts";

const identity = await createIdentity("RS256");
const key = createPublicKey({ key: identity.publicJwk, format: "jwk" });

const app = express();
app.disable("x-powered-by");
app.use((request, response, next) => {
  const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
  try {
    const payload = jsonwebtoken.verify(token, key, { algorithms: ["RS256"], issuer, audience });
    response.locals["userId"] = payload.sub;
    next();
  } catch {
    response.status(401).end();
  }
});
app.use(
  "/trpc",
  createExpressMiddleware({
    router: peerRouter,
    createContext: ({ res }) => ({ user: { id: String(res.locals["userId"]) } }),
  }),
);
app.get("/plain", (_request, response) => {
  response.json({ id: response.locals["userId"] });
});
const server = app.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));

answer({
  start: async () => ({
    port: (server.address() as AddressInfo).port, // it listens on a port
    headers: { authorization: `Bearer ${await signPlainJwt(identity)}` },
  }),
});
