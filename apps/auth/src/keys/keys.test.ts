import { callProcedure, describeDatabases } from "@countersign/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { tidy } from "../keep-up.ts";
import { signingKeys } from "../schema.ts";
import { keySchedule, keyStateOf, planRotation } from "./lifecycle.ts";
import { revokeKey } from "./revoke-key.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { readKeys } from "./store.ts";

const by = { actor: "test", from: null };

describeDatabases("signing keys", { migrations }, (open) => {
  let test: TestAuth;
  beforeEach(async () => {
    await (await open()).db.delete(signingKeys);
    test = await openTestAuth(await open());
  });

  const rotate = () => {
    test.clock.advance(1);
    return rotateKeys(test.auth.deps, by);
  };
  const revoke = (kid: string) => {
    test.clock.advance(1);
    return revokeKey(test.auth.deps, kid, by);
  };
  const states = async () => {
    const keys = await readKeys(test.auth.deps.db);
    return keys.map((key) => keyStateOf(key, test.clock.now())).join(" ");
  };
  const published = () => test.auth.deps.keys.published().map(({ kid }) => kid);
  const signs = () => test.auth.deps.keys.signer().kid;
  const me = ({ accessToken }: Tokens) => callProcedure(test.app, "me", { type: "query", token: accessToken });

  it("go from next to current to retired to expired, and the tokens of each are believed throughout", async () => {
    const { publishedAhead, staysFor } = keySchedule;
    const first = signs();
    const second = await rotate();
    expect([await states(), signs(), published()]).toEqual(["current next", first, [first, second]]);

    test.clock.advance(publishedAhead / 1000 - 1);
    const before = await registerUser(test.app, someEmail());
    expect(signs()).toBe(first);
    test.clock.advance(1);
    expect([await states(), signs()]).toEqual(["retired current", second]);
    const after = await registerUser(test.app, someEmail());
    expect([(await me(before)).status, (await me(after)).status]).toEqual([200, 200]);

    test.clock.advance(staysFor / 1000);
    await tidy(test.auth);
    expect([await states(), published()]).toEqual(["expired current", [second]]);
  });

  it("rotate by themselves ahead of the end, and only once", async () => {
    const { signsFor, publishedAhead } = keySchedule;
    test.clock.advance((signsFor - publishedAhead) / 1000 - 1);
    await tidy(test.auth);
    expect(await states()).toBe("current");
    test.clock.advance(1);
    await tidy(test.auth);
    await tidy(test.auth);
    expect(await states()).toBe("current next");
    expect(await rotateKeys(test.auth.deps, by)).toBeNull();
  });

  it("are one, however many replicas start or rotate at once", async () => {
    const { db } = test.auth.deps;
    await db.delete(signingKeys);
    const database = await open();
    const replicas = await Promise.all(
      Array.from({ length: 4 }, () => openTestAuth(database, { now: test.clock.now })),
    );
    expect(new Set(replicas.map(({ auth }) => auth.deps.keys.signer().kid)).size).toBe(1);
    await Promise.all(replicas.map(({ auth }) => rotateKeys(auth.deps, by)));
    expect(await readKeys(db)).toHaveLength(2);
  });

  it("keep their id over a restart, and lie encrypted", async () => {
    const kid = signs();
    const again = await openTestAuth(await open());
    expect(again.auth.deps.keys.signer().kid).toBe(kid);
    const stored = JSON.stringify(await readKeys(test.auth.deps.db));
    expect(stored).not.toContain('"d":');
  });

  it("are sealed anew under a newer secret, after which the older one may go; another one stops the start", async () => {
    const older = new Uint8Array(32).fill(7);
    const newer = new Uint8Array(32).fill(8);
    const kid = signs();
    const { refreshToken } = await registerUser(test.app, someEmail());
    const both = await openTestAuth(await open(), { secrets: [newer, older] });
    const renewed = await post(both.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    expect(renewed.status).toBe(200);

    const alone = await openTestAuth(await open(), { secrets: [newer] });
    expect(alone.auth.deps.keys.signer().kid).toBe(kid);
    const next = tokensOf(renewed).refreshToken;
    expect((await post(alone.app, "/auth/refresh", { json: { refreshToken: next, mode: "bearer" } })).status).toBe(200);
    await expect(openTestAuth(await open(), { secrets: [older] })).rejects.toThrow("SECRETS_KEY: is not the secret");
  });

  it("that another replica made a moment ago are found", async () => {
    const other = await openTestAuth(await open(), { now: test.clock.now });
    test.clock.advance(6);
    await revokeKey(other.auth.deps, signs(), by);
    const tokens = await registerUser(other.app, someEmail());
    expect((await me(tokens)).status).toBe(200);
  });

  describe("that are revoked", () => {
    it("end what they signed at once, and a new one signs", async () => {
      const first = signs();
      const tokens = await registerUser(test.app, someEmail());
      expect((await me(tokens)).status).toBe(200);
      await revoke(first);
      expect((await me(tokens)).status).toBe(401);
      expect(await states()).toBe("revoked current");
      expect(published()).toEqual([signs()]);

      const { refreshToken } = tokens;
      const renewed = await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
      expect((await me(tokensOf(renewed))).status).toBe(200);
      await expect(revokeKey(test.auth.deps, first, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    });

    it("hand over to the next one before its time, and are taken over from when they were next", async () => {
      const first = signs();
      const second = await rotate();
      await revoke(first);
      expect([await states(), signs()]).toEqual(["revoked current", second]);

      const third = await rotate();
      await revoke(third ?? "");
      test.clock.advance(keySchedule.publishedAhead / 1000);
      expect([await states(), signs()]).toEqual(["revoked current revoked", second]);
    });
  });
});

describe("planning", () => {
  it("asks for a new key when the algorithm was changed", () => {
    const at = new Date(1_000_000);
    const moments = { publishedAt: at, activatesAt: at, retiredAt: null, expiresAt: null, revokedAt: null };
    const options = { now: 2_000_000, schedule: keySchedule, algorithm: "ES256" } as const;
    expect(planRotation([{ kid: "a", algorithm: "ES256", ...moments }], options)).toBeNull();
    expect(planRotation([{ kid: "a", algorithm: "RS256", ...moments }], options)).toEqual({
      activatesAt: 2_000_000 + keySchedule.publishedAhead,
      retires: "a",
    });
  });
});
