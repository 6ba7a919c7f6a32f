import { once } from "node:events";
import { copyFile, mkdir } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { claimOf } from "./claim-of.ts";
import type { Verify } from "./program.ts";
import { fillIn, placeFor, startServer, until } from "./start-server.ts";

/** Dovecot authenticates over its client protocol, as an IMAP or SMTP server does that has it check a login. */
export const verifyByDovecot: Verify = async (policy, tokens, workspace) => {
  const place = await placeFor("dovecot", policy, workspace);
  const keys = path.join(place.folder, "keys/default", policy.algorithm);
  await mkdir(keys, { recursive: true });
  await copyFile(policy.keyFile, path.join(keys, policy.kid));
  await fillIn("dovecot-oauth2.conf.ext", place, workspace);
  const server = startServer("dovecot", ["-F", "-c", await fillIn("dovecot.conf", place, workspace)]);
  const socketPath = path.join(place.folder, "run/auth-client");
  try {
    await until(server, () => canConnect(socketPath));
    return await authenticateEach(socketPath, tokens);
  } finally {
    await server.stop();
  }
};

async function canConnect(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // not yet
  } finally {
    socket.destroy();
  }
}

/** XOAUTH2 for each token, as the user that it names; a challenge (`CONT`) is the error, which an empty answer acknowledges. */
async function authenticateEach(socketPath: string, tokens: readonly string[]): Promise<readonly string[]> {
  const socket = connect(socketPath);
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value).split("\t");
  const send = (...words: readonly (string | number)[]) => socket.write(`${words.join("\t")}\n`);
  send("VERSION", 1, 1);
  send("CPID", process.pid);
  while ((await next())[0] !== "DONE");
  const verdicts: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const response = Buffer.from(`user=${claimOf(token, "sub")}\u0001auth=Bearer ${token}\u0001\u0001`).toString(
      "base64",
    );
    send("AUTH", index + 1, "XOAUTH2", "service=imap", "secured", `resp=${response}`);
    let answer = await next();
    if (answer[0] === "CONT") {
      send("CONT", index + 1, "");
      answer = await next();
    }
    const user = answer.find((field) => field.startsWith("user="))?.slice("user=".length);
    verdicts.push(answer[0] === "OK" ? `taken ${user}` : `refused ${answer[0]}`);
  }
  socket.destroy();
  return verdicts;
}
