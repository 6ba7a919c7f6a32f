#!/usr/bin/env bash
# pg 8.23.1 with pg-connection-string 2.14.1: `sslmode=require` checks the certificate and the host.
# Guess: it means what libpq means by it (PostgreSQL manual, "SSL Support": encrypt, check nothing), so that a URL which
# works in psql works here. Seen: a server with a certificate of its own is refused (DEPTH_ZERO_SELF_SIGNED_CERT), by
# `prefer` and `verify-ca` as well, which libpq would not do; the parser's option useLibpqCompat gives libpq's meaning.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact pg@8.23.1 pg-connection-string@2.14.1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -days 2 2>/dev/null
cat >run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { TLSSocket } from "node:tls";
import pg from "pg";
import parser from "pg-connection-string";

// As much of a server as shows whether the client goes on over TLS: it agrees to TLS, then refuses the sign-in in words.
const credentials = { key: readFileSync("key.pem"), cert: readFileSync("cert.pem") };
const server = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", () => {
    socket.write("S");
    const secure = new TLSSocket(socket, { isServer: true, ...credentials });
    secure.on("error", () => secure.destroy());
    secure.once("data", () => {
      const fields = Buffer.from("SFATAL\0C28000\0Mover TLS\0\0");
      const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
      secure.end(Buffer.concat([head, fields]));
    });
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = (mode) => `postgres://app@127.0.0.1:${server.address().port}/shop?sslmode=${mode}`;
process.removeAllListeners("warning");
const attempt = async (config) => {
  const client = new pg.Client(config);
  client.on("error", () => undefined);
  return await client.connect().then(() => "connected", (error) => error.code);
};
const seen = {};
for (const mode of ["prefer", "require", "verify-ca", "no-verify"]) seen[mode] = await attempt(url(mode));
const { parse, toClientConfig } = parser;
seen["require, useLibpqCompat"] = await attempt(toClientConfig(parse(url("require"), { useLibpqCompat: true })));
server.close();
console.log("pg 8.23.1, pg-connection-string 2.14.1 (28000: reached the server over TLS):", JSON.stringify(seen));
const expected = {
  prefer: "DEPTH_ZERO_SELF_SIGNED_CERT",
  require: "DEPTH_ZERO_SELF_SIGNED_CERT",
  "verify-ca": "DEPTH_ZERO_SELF_SIGNED_CERT",
  "no-verify": "28000",
  "require, useLibpqCompat": "28000",
};
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
node --no-warnings run.mjs
