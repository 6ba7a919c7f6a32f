#!/usr/bin/env bash
# express-oauth2-jwt-bearer takes `id_token_signing_alg_values_supported` of discovery for the algorithms of access tokens: a list
# that names others, or none, refuses every valid access token.
# Guess: the list is about ID tokens (OpenID Connect Discovery 1.0 §3), and access tokens are held to the keys alone.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{"private":true,"type":"module"}' >package.json
npm install --no-audit --no-fund --loglevel=error express-oauth2-jwt-bearer@1.10.0 express@5.3.0 >/dev/null
cat >run.js <<'JS'
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import express from "express";
import { auth } from "express-oauth2-jwt-bearer";

const { version } = JSON.parse(readFileSync("node_modules/express-oauth2-jwt-bearer/package.json", "utf8"));
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" };
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const listen = (handler) =>
  new Promise((resolve) => {
    const server = createServer(handler).listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`));
  });

async function statusWith(more) {
  const issuer = await listen((request, response) => {
    response.setHeader("content-type", "application/json");
    const metadata = { issuer, jwks_uri: `${issuer}/jwks.json`, ...more };
    response.end(JSON.stringify(request.url === "/jwks.json" ? { keys: [jwk] } : metadata));
  });
  const iat = Math.floor(Date.now() / 1000) - 1;
  const claims = { iss: issuer, aud: "api", sub: "user", iat, exp: iat + 300 };
  const input = `${encode({ alg: "RS256", kid: "1", typ: "at+jwt" })}.${encode(claims)}`;
  const token = `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
  const app = express();
  app.use(auth({ issuerBaseURL: issuer, audience: "api" }));
  app.get("/", (_request, response) => response.send("taken"));
  app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(error.message));
  const answer = await fetch(await listen(app), { headers: { authorization: `Bearer ${token}` } });
  return `${answer.status} ${await answer.text()}`;
}

const seen = [];
for (const more of [{}, { id_token_signing_alg_values_supported: ["ES256"] }, { id_token_signing_alg_values_supported: [] }]) {
  const said = await statusWith(more);
  console.log(`express-oauth2-jwt-bearer ${version}, discovery with ${JSON.stringify(more)}: ${said}`);
  seen.push(said.slice(0, 3));
}
process.exit(seen.join(" ") === "200 401 401" ? 0 : 1);
JS
node run.js
