#!/usr/bin/env bash
# aws-jwt-verify takes a `jwksUri` of http when a verifier is made, and fails with Node's own TypeError at the first token.
# Guess: `create` refuses what it can never fetch, or http works on loopback.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{"private":true,"type":"module"}' >package.json
npm install --no-audit --no-fund --loglevel=error aws-jwt-verify@5.2.1 >/dev/null
cat >run.js <<'JS'
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { JwtVerifier } from "aws-jwt-verify";

const { version } = JSON.parse(readFileSync("node_modules/aws-jwt-verify/package.json", "utf8"));
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" };
const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const exp = Math.floor(Date.now() / 1000) + 300;
const input = `${encode({ alg: "RS256", kid: "1" })}.${encode({ iss: issuer, aud: "api", sub: "user", exp })}`;
const token = `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;

const verifier = JwtVerifier.create({ issuer, audience: "api", jwksUri: `${issuer}/jwks.json` });
console.log(`aws-jwt-verify ${version}: create took ${issuer}/jwks.json`);
const error = await verifier.verify(token).then(() => null, (reason) => reason);
console.log(`verify: ${error === null ? "took the token" : `${error.name} ${error.code}: ${error.message}`}`);
process.exit(error?.code === "ERR_INVALID_PROTOCOL" ? 0 : 1);
JS
node run.js
