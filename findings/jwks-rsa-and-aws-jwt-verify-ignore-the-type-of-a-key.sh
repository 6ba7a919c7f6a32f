#!/usr/bin/env bash
# Two keys of one set may share a `kid` when their `kty` differs (RFC 7517 §4.5). jwks-rsa and aws-jwt-verify take the first one
# whatever the algorithm of the token is, and refuse a token of the second; jose takes the one that fits.
# Guess: a key is found by `kid` and by the algorithm that it is for.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{"private":true,"type":"module"}' >package.json
npm install --no-audit --no-fund --loglevel=error jwks-rsa@4.1.0 jsonwebtoken@9.0.3 aws-jwt-verify@5.2.1 jose@6.2.17 >/dev/null
cat >run.js <<'JS'
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { JwtVerifier } from "aws-jwt-verify";
import { createLocalJWKSet, jwtVerify } from "jose";
import jwt from "jsonwebtoken";
import jwksRsa from "jwks-rsa";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwkOf = ({ publicKey }, alg) => ({ ...publicKey.export({ format: "jwk" }), kid: "1", alg, use: "sig" });
const set = { keys: [jwkOf(ec, "ES256"), jwkOf(rsa, "RS256")] };
const server = createServer((_request, response) => response.end(JSON.stringify(set)));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const exp = Math.floor(Date.now() / 1000) + 300;
const input = `${encode({ alg: "RS256", kid: "1" })}.${encode({ iss: issuer, aud: "api", sub: "user", exp })}`;
const token = `${input}.${sign("sha256", Buffer.from(input), rsa.privateKey).toString("base64url")}`;

const client = jwksRsa({ jwksUri: `${issuer}/jwks.json` });
const verifiers = {
  "jwks-rsa": async () => jwt.verify(token, (await client.getSigningKey("1")).getPublicKey(), { algorithms: ["RS256"] }),
  "aws-jwt-verify": async () => {
    const verifier = JwtVerifier.create({ issuer, audience: "api", jwksUri: `${issuer}/jwks.json` });
    verifier.cacheJwks(set);
    return await verifier.verify(token);
  },
  jose: async () => (await jwtVerify(token, createLocalJWKSet(set), { issuer, audience: "api" })).payload,
};
const seen = {};
for (const [name, verify] of Object.entries(verifiers)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  const said = await verify().then(({ sub }) => `taken ${sub}`, (error) => `refused: ${error.message}`);
  console.log(`${name} ${version}: ${said}`);
  seen[name] = said.startsWith("taken");
}
process.exit(!seen["jwks-rsa"] && !seen["aws-jwt-verify"] && seen.jose ? 0 : 1);
JS
node run.js
