import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations, openTestAuth, someEmail } from "../../test/open-test-auth.ts";
import { post, registerUser } from "../../test/requests.ts";

/** Some 15 ms for each hash, so that a queue of them takes longer than everything else. */
const cost = { memoryCost: 8_192, timeCost: 2, parallelism: 1 };

describeDatabases("sign-ins of others beside a flood from one address", { migrations }, (open) => {
  it("wait for one turn of the flood, and none of them is refused", async () => {
    const { app, auth } = await openTestAuth(await open(), { cost });
    const { passwords } = auth.deps;
    const emails = await Promise.all(
      Array.from({ length: 12 }, async () => (await registerUser(app, someEmail())).user.email),
    );
    const signIn = async (index: number, address: string) => {
      const json = { email: emails[index % 12], password: "correct horse", mode: "bearer" };
      return (await post(app, "/auth/login", { json, address })).status;
    };
    const flood = Array.from({ length: 90 }, (_, index) => signIn(index, "198.51.100.1"));
    await expect.poll(() => passwords.queue().waiting).toBeGreaterThan(30);
    const others = await Promise.all(Array.from({ length: 4 }, (_, index) => signIn(index, `203.0.113.${index}`)));
    expect(others).toEqual([200, 200, 200, 200]);
    expect(passwords.queue().waiting).toBeGreaterThan(5); // of the flood, which was there first
    const ofFlood = await Promise.all(flood);
    expect(ofFlood).toContain(200);
  });
});
