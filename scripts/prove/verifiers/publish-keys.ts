import { execFile } from "node:child_process";
import { createPublicKey, type webcrypto } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { audience } from "./issue-tokens.ts";
import { membersOf } from "./members-of.ts";
import type { Policy } from "./program.ts";
import type { Workspace } from "./workspace.ts";

const run = promisify(execFile);
/** Where the keys of a platform are found: at itself, in files, and behind a proxy that speaks https. */
export async function publishKeys(
  issuer: string,
  algorithm: Policy["algorithm"],
  workspace: Workspace,
): Promise<{ readonly policy: Policy; readonly stop: () => void }> {
  const folder = await workspace.newFolder("keys");
  const jwksUrl = `${issuer}/.well-known/jwks.json`;
  const published = await (await fetch(jwksUrl)).text();
  const key = onlyKey(published);
  const jwksFile = path.join(folder, "jwks.json");
  await writeFile(jwksFile, published);
  const keyFile = path.join(folder, "key.pem");
  await writeFile(keyFile, createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }));
  await makeCertificate(folder);
  const files = ["tls-key.pem", "tls.pem"].map((name) => readFile(path.join(folder, name)));
  const [tlsKey, cert] = await Promise.all(files);
  const proxy = createServer({ key: tlsKey, cert }, (request, response) => {
    passOn(issuer + request.url, response).catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo; // it listens on a port
  const jwksHttpsUrl = `https://localhost:${port}/.well-known/jwks.json`;
  const caFile = path.join(folder, "ca.pem");
  const { kid } = key;
  const policy = { algorithm, issuer, audience, jwksUrl, jwksHttpsUrl, caFile, jwksFile, keyFile, kid };
  return { policy, stop: () => proxy.close() };
}

/** An authority, and a certificate of it for localhost. */
async function makeCertificate(cwd: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const authority = ["-x509", ...key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=Test authority"];
  await run("openssl", ["req", ...authority], { cwd });
  const server = [...key, "-keyout", "tls-key.pem", "-out", "tls.pem", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"];
  await run("openssl", ["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca-key.pem", ...server, ...names], { cwd });
}

/** Answers as the platform does. */
async function passOn(url: string, response: ServerResponse): Promise<void> {
  const answer = await fetch(url);
  const type = answer.headers.get("content-type") ?? "";
  response.writeHead(answer.status, { "content-type": type }).end(await answer.text());
}

type Jwk = webcrypto.JsonWebKey & { readonly kid: string };

/** The one key of a set. */
function onlyKey(published: string): Jwk {
  const [key] = membersOf(published).get("keys") as readonly Jwk[]; // RFC 7517 §5, as auth publishes it
  if (key === undefined) throw new Error("No key is published.");
  return key;
}
