import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { createTestIssuer } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Example } from "./examples.ts";
import { createForge, hmac, unsigned } from "./forge.ts";

const now = () => Math.floor(Date.now() / 1000);

/**
 * What the guide says of every verifier, held by an example that verifies each line of its standard input and answers with
 * `passed <subject>`, `refused <word>` or `unavailable <word>`.
 */
export function describeVerifier(example: Example): void {
  const { language, missing, prepare } = example;
  describe.skipIf(missing !== "")(`the ${language} of the guide to other languages${missing}`, () => {
    const issuer = "http://issuer.test";
    const forge = createForge(issuer);
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    let fetches = 0;
    let keys: object = { keys: [forge.jwk] };
    const jwks = createServer((_request, response) => {
      fetches += 1;
      response.end(JSON.stringify(keys));
    });
    const ended: (() => void)[] = [];
    const url = () => `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`; // it listens on a port

    let prepared: ReturnType<Example["prepare"]>;
    let verify: (token: string) => Promise<string>;
    beforeAll(async () => {
      await new Promise<void>((resolve) => jwks.listen(0, "127.0.0.1", resolve));
      prepared = prepare();
      ended.push(prepared.remove);
      verify = startVerifier();
    }, 240_000);
    afterAll(async () => {
      for (const end of ended.toReversed()) end();
      await new Promise((resolve) => jwks.close(resolve));
    });

    /** Verifies one token after the other in one process. */
    function startVerifier(env: Record<string, string> = {}, keysAt = url()) {
      const about = { ISSUER: issuer, AUDIENCE: "orders", ALGORITHM: "ES256" };
      const places = { JWKS_URL: keysAt, GATEWAY_JWKS_URL: keysAt };
      const { command, args, env: own } = prepared.verifier;
      const child = spawn(command, [...args], { env: { ...about, ...places, ...own, ...env } });
      child.stderr.pipe(process.stderr);
      ended.push(() => child.kill());
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      return async (token: string): Promise<string> => {
        child.stdin.write(`${token}\n`);
        return String((await lines.next()).value);
      };
    }

    it("accepts the tokens that auth signs, of every class that it is told to", async () => {
      const ours = await createTestIssuer();
      keys = { keys: [ours.publicJwk] };
      const accept = startVerifier({ CLASSES: "user service delegated" });
      expect(await accept(await ours.userToken({ id: "user-7" }))).toBe("passed user-7");
      expect(await accept(await ours.serviceToken("products", "orders"))).toBe("passed products");
      const through = { id: "user-7", through: ["inventory"] as const };
      expect(await accept(await ours.delegatedToken("products", "orders", through))).toBe("passed user-7");
      expect(await accept(await ours.userToken({ age: 700 }))).toMatch(/^refused/);
      expect(await accept(await ours.serviceToken("products", "inventory"))).toMatch(/^refused/);
      keys = { keys: [forge.jwk] };
    });

    it("accepts what the refusals below differ from in one thing each", async () => {
      expect(await verify(forge.token())).toBe("passed user-1");
    });

    it.each(forge.wrongs)("refuses %s", async (_name, head, claims) => {
      expect(await verify(forge.token(head, claims))).toMatch(/^refused/);
    });

    it("refuses a stranger's signature, none at all, and a public key used as a secret", async () => {
      const { header, userClaims, publicKey } = forge;
      expect(await verify(forge.token({}, {}, stranger))).toMatch(/^refused/);
      expect(await verify(unsigned(header({ alg: "none" }), userClaims()))).toMatch(/^refused/);
      const secret = publicKey.export({ type: "spki", format: "pem" });
      expect(await verify(hmac(header({ alg: "HS256" }), userClaims(), secret))).toMatch(/^refused/);
      expect(await verify("x".repeat(5_000))).toMatch(/^refused/);
    });

    it("refuses a chain of services that is too long, or none, and a service that has a session", async () => {
      const take = startVerifier({ CLASSES: "service delegated" });
      const delegated = { token_class: "delegated", aud: ["orders"], exp: now() + 60, permissions: [] };
      const chain = (length: number): object => ({ sub: "inventory", ...(length > 1 && { act: chain(length - 1) }) });
      expect(await take(forge.token({}, { ...delegated, act: chain(4) }))).toBe("passed user-1");
      expect(await take(forge.token({}, { ...delegated, act: chain(5) }))).toMatch(/^refused/);
      expect(await take(forge.token({}, delegated))).toMatch(/^refused/);
      const service = { token_class: "service", aud: ["orders"], exp: now() + 60, roles: undefined, sid: undefined };
      expect(await take(forge.token({}, service))).toBe("passed user-1");
      expect(await take(forge.token({}, { ...service, sid: "session-1" }))).toMatch(/^refused/);
    });

    it("asks for keys no more often because of key ids that nobody knows", async () => {
      const before = fetches;
      for (const kid of ["a", "b", "c", "d"]) await verify(forge.token({ kid }));
      expect(fetches - before).toBeLessThanOrEqual(1);
    });

    it("does not call a token bad when there are no keys to be had", async () => {
      const blind = startVerifier({}, "http://127.0.0.1:1/");
      expect(await blind(forge.token())).toBe("unavailable keys_unavailable");
      const empty = startVerifier({}, `${url()}/empty`);
      keys = { keys: [] };
      expect(await empty(forge.token())).toBe("unavailable keys_unavailable");
      keys = { keys: [forge.jwk] };
    });

    it("believes the gateway's assertion for its own audience, for seconds", async () => {
      const believe = startVerifier({ KIND: "assertion", AUDIENCE: "reports" });
      const typ = { typ: "gateway-assertion+jwt" };
      const said = { aud: "reports", exp: now() + 30, token_class: undefined, token_jti: "token-1" };
      expect(await believe(forge.token(typ, said))).toBe("passed user-1");
      expect(await believe(forge.token(typ, { ...said, aud: "orders" }))).toMatch(/^refused/);
      expect(await believe(forge.token(typ, { ...said, exp: now() + 90 }))).toBe("refused lives_too_long");
      expect(await believe(forge.token({}, { ...said, token_class: "user" }))).toBe("refused bad_header");
      expect(await believe(forge.token(typ, { ...said, act: { sub: "orders" } }))).toBe("refused bad_claims");
    });
  });
}
