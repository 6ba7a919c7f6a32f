#!/usr/bin/env bash
# hono 4.13.19: the middleware hono/jwk with `jwks_uri` fetches the key set anew for every request.
# Guess: it keeps the set, as jose's createRemoteJWKSet and jwks-rsa do, and asks again for an unknown kid. Seen: five calls,
# five fetches, also one after the other with the same token; so the issuer gets as many requests as all services together,
# and its outage is theirs at once.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact hono@4.13.19 @hono/node-server@2.1.8 jose@6.2.17
cat >run.mjs <<'JS'
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { jwk } from "hono/jwk";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const { privateKey, publicKey } = await generateKeyPair("RS256");
const keys = [{ ...(await exportJWK(publicKey)), kid: "a", alg: "RS256", use: "sig" }];
let fetched = 0;
const issuer = new Hono().get("/jwks", (c) => {
  fetched += 1;
  return c.json({ keys }, 200, { "cache-control": "public, max-age=300" });
});
const server = await new Promise((resolve) => {
  const started = serve({ fetch: issuer.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
});
const jwks_uri = `http://127.0.0.1:${server.address().port}/jwks`;
const app = new Hono().use(jwk({ jwks_uri, alg: ["RS256"] })).get("/", (c) => c.text("ok"));
const token = await new SignJWT({ sub: "me" }).setProtectedHeader({ alg: "RS256", kid: "a" }).setExpirationTime("5m").sign(privateKey);
const statuses = [];
for (let call = 0; call < 5; call += 1)
  statuses.push((await app.request("/", { headers: { authorization: `Bearer ${token}` } })).status);
server.close();
console.log("hono 4.13.19: statuses", statuses.join(), "| fetches of the key set:", fetched);
process.exit(statuses.every((status) => status === 200) && fetched === 5 ? 0 : 1);
JS
node run.mjs
