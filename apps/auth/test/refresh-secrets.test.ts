import { parseSecrets } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { post, registerUser, type Tokens, tokensOf } from "./requests.ts";

const old = Buffer.alloc(32, 1).toString("base64");
const fresh = Buffer.alloc(32, 2).toString("base64");

/** Each of these is auth started anew on the same database with another SECRETS_KEY, as a replica of its own. */
describeDatabases("changing the secret of refresh tokens", { migrations }, (open) => {
  let before: TestAuth;
  let prepared: TestAuth;
  let during: TestAuth;
  let after: TestAuth;
  beforeAll(async () => {
    const start = async (secretsKey: string) => openTestAuth(await open(), { secrets: parseSecrets(secretsKey) });
    before = await start(old);
    prepared = await start(`${old},${fresh}`);
    during = await start(`${fresh},${old}`);
    after = await start(fresh);
  });

  const renew = ({ app }: TestAuth, { refreshToken }: Tokens) =>
    post(app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const begin = () => registerUser(before.app, someEmail());

  it("goes on with tokens of the old one, and gives successors of the new one", async () => {
    const renewed = tokensOf(await renew(during, await begin()));
    expect(tokensOf(await renew(after, renewed)).refreshToken).not.toBe(renewed.refreshToken);
  });

  it("refuses tokens of the old one once it is dropped, and leaves their sessions be", async () => {
    const begun = await begin();
    expect((await renew(after, begun)).status).toBe(401);
    expect((await renew(during, begun)).status).toBe(200);
  });

  it("sends nobody away while replicas differ, when the new one is first added behind the old one", async () => {
    let tokens = await begin();
    for (const replica of [prepared, before, prepared, during, prepared, during, after]) {
      tokens = tokensOf(await renew(replica, tokens));
    }
    expect((await renew(before, tokens)).status).toBe(401);
  });

  it("keeps one lineage while replicas sign with different ones", async () => {
    const begun = await begin();
    const answers = await Promise.all([prepared, during, prepared, during].map((replica) => renew(replica, begun)));
    const given = answers.map((answer) => tokensOf(answer).refreshToken);
    expect(new Set(given).size).toBe(2);
    const generations = given.map((token) => during.auth.deps.refreshTokens.read(token)?.generation);
    expect(generations).toEqual([1, 1, 1, 1]);
  });

  it("finds reuse across the change", async () => {
    const begun = await begin();
    const second = tokensOf(await renew(during, begun));
    const third = tokensOf(await renew(after, second));
    expect((await renew(during, begun)).status).toBe(401);
    expect((await renew(after, third)).status).toBe(401);
  });
});
