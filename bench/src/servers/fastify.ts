/** fastify with @fastify/jwt, its cache of verified tokens on or off, the query by tRPC's fastify adapter. */
import { createPublicKey } from "node:crypto";
import type { AddressInfo } from "node:net";
import fastifyJwt from "@fastify/jwt";
import { fastifyTRPCPlugin } from "@trpc/server/adapters/fastify";
import Fastify, { type FastifyRequest } from "fastify";
import { answer, settings } from "../harness/answer.ts";
import { audience, createIdentity, issuer, signPlainJwt } from "./identity.ts";
import { peerRouter } from "./peer-router.ts";

const { cache } = settings<{ cache: boolean }>();
const identity = await createIdentity("RS256");
const publicKey = createPublicKey({ key: identity.publicJwk, format: "jwk" }).export({ type: "spki", format: "pem" });

const app = Fastify();
await app.register(fastifyJwt, {
  secret: { private: "unused", public: publicKey },
  verify: { algorithms: ["RS256"], allowedIss: issuer, allowedAud: audience, cache },
});
app.addHook("onRequest", async (request) => {
  await request.jwtVerify();
});
const idOf = ({ user }: FastifyRequest) => String((user as { sub: string }).sub); // jwtVerify has put it there
await app.register(fastifyTRPCPlugin, {
  prefix: "/trpc",
  trpcOptions: {
    router: peerRouter,
    createContext: ({ req }: { req: FastifyRequest }) => ({ user: { id: idOf(req) } }),
  },
});
app.get("/plain", (request) => ({ id: idOf(request) }));
await app.listen({ port: 0, host: "127.0.0.1" });

answer({
  start: async () => ({
    port: (app.server.address() as AddressInfo).port, // it listens on a port
    headers: { authorization: `Bearer ${await signPlainJwt(identity)}` },
  }),
});
