import { Refusal } from "@countersign/context";
import { describe, expect, it } from "vitest";
import { createPasswords } from "./passwords.ts";

const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const options = { cost: cheap, slots: 2, waiting: 4 };

describe("passwords", () => {
  it("hashes with argon2id, salted, and knows the password again", async () => {
    const passwords = await createPasswords(options);
    const stored = await passwords.hash("correct horse");
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(await passwords.hash("correct horse")).not.toBe(stored);
    expect(await passwords.verify(stored, "correct horse")).toEqual({ matches: true, renewed: null });
    expect(await passwords.verify(stored, "correct house")).toEqual({ matches: false, renewed: null });
  });

  it("computes as many hashes for an unknown account as for a wrong password", async () => {
    const passwords = await createPasswords(options);
    const stored = await passwords.hash("correct horse");
    const before = passwords.computed();
    await passwords.verify(stored, "wrong");
    const forKnown = passwords.computed() - before;
    await passwords.verify(null, "wrong");
    expect(passwords.computed() - before - forKnown).toBe(forKnown);
  });

  it("gives a new hash when the cost has changed since", async () => {
    const stored = await (await createPasswords(options)).hash("correct horse");
    const passwords = await createPasswords({ ...options, cost: { ...cheap, timeCost: 2 } });
    const { matches, renewed } = await passwords.verify(stored, "correct horse");
    expect(matches).toBe(true);
    expect(renewed).toContain("t=2");
    expect((await passwords.verify(stored, "wrong")).renewed).toBeNull();
  });

  it("refuses with Retry-After beyond the bounded queue, and serves those within it", async () => {
    const passwords = await createPasswords({ ...options, slots: 1, waiting: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => passwords.hash("correct horse")));
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused.length).toBeGreaterThanOrEqual(17);
    expect(refused.length).toBeLessThan(20);
    for (const error of refused) {
      expect(error).toBeInstanceOf(Refusal);
      expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 2 });
    }
  });
});
