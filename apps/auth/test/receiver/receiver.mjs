// A receiver of security events as somebody else writes it: RFC 8935, RFC 8936, the Shared Signals Framework and jose, and
// nothing of this repository. It does with every event twice: the first time it does not take it, to see it come again.
import { createServer } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { TRANSMITTER, SECRET, AUDIENCE, DELIVERY } = process.env;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const authorization = `Bearer ${SECRET}`;
const discovered = await (await fetch(`${TRANSMITTER}/.well-known/ssf-configuration`)).json();
const keys = createRemoteJWKSet(new URL(discovered.jwks_uri));
const seen = new Set();

async function send(url, method, body) {
  const headers = { authorization, "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, headers, ...sent });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : await response.json();
}

/** Answers whether it was seen before. */
async function take(token) {
  const policy = { issuer: discovered.issuer, audience: AUDIENCE, typ: "secevent+jwt" };
  const { payload } = await jwtVerify(token, keys, policy);
  const isAgain = seen.has(payload.jti);
  seen.add(payload.jti);
  if (isAgain) say({ payload });
  return { isAgain, jti: payload.jti };
}

async function listen() {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const isOurs = request.headers.authorization === "Bearer of the receiver";
    const isSet = request.headers["content-type"] === "application/secevent+jwt";
    const { isAgain } = await take(Buffer.concat(chunks).toString());
    response.writeHead(isOurs && isSet && isAgain ? 202 : 500).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}/events`;
}

const push =
  DELIVERY === "push" ? { endpoint_url: await listen(), authorization_header: "Bearer of the receiver" } : {};
const delivery = { method: DELIVERY === "push" ? "urn:ietf:rfc:8935" : "urn:ietf:rfc:8936", ...push };
const stream = await send(discovered.configuration_endpoint, "POST", { delivery });
await send(discovered.verification_endpoint, "POST", { stream_id: stream.stream_id, state: "does it work?" });
say({ stream });

let ack = [];
if (DELIVERY === "poll")
  for (;;) {
    const { sets } = await send(stream.delivery.endpoint_url, "POST", { ack });
    ack = [];
    for (const token of Object.values(sets)) {
      const { isAgain, jti } = await take(token);
      if (isAgain) ack.push(jti);
    }
  }
