import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { readMailbox } from "../../test/mailbox.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser } from "../../test/requests.ts";
import { describeDevice } from "../mail/describe-device.ts";

const password = "correct horse";
const subject = "A sign-in from a new device";

describeDatabases("a sign-in from a new device", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" } });
  });

  const login = (email: string, more: object = {}, userAgent = "curl/8.5.0") =>
    post(test.app, "/auth/login", {
      json: { email, password, mode: "bearer", ...more },
      headers: { "user-agent": userAgent },
    });
  const notices = async (email: string) => (await readMailbox(test, email)).filter((mail) => mail.subject === subject);

  it("is told to the owner once, with the device in words of ours and the address", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    expect(await notices(email)).toEqual([]);
    const phishing =
      "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140 -- call 555-0100 or visit https://evil.example";
    const { body } = await login(email, {}, phishing);
    const [notice, ...more] = await notices(email);
    expect(more).toEqual([]);
    expect(notice?.text).toContain("\nEdge on Windows, from 192.0.2.1, at ");
    expect(notice?.text).not.toMatch(/evil|555/);
    const { deviceToken } = z.object({ deviceToken: z.string() }).parse(body);
    await login(email, { deviceToken });
    expect(await notices(email)).toHaveLength(1);
  });

  it("is told for a device that was only used by somebody else", async () => {
    const [one, two] = [someEmail(), someEmail()];
    await registerUser(test.app, one);
    await registerUser(test.app, two);
    const { deviceToken } = z.object({ deviceToken: z.string() }).parse((await login(one)).body);
    await login(two, { deviceToken });
    expect(await notices(two)).toHaveLength(1);
  });

  it("is not told where none was: a wrong password, or no account", async () => {
    const [email, nobody] = [someEmail(), someEmail()];
    await registerUser(test.app, email);
    await login(email, { password: "wrong horse" });
    await login(nobody);
    expect([await notices(email), await notices(nobody)]).toEqual([[], []]);
  });

  it("is told ten times an hour at most, and signs in all the same", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const statuses = new Set<number>();
    for (let times = 0; times < 12; times += 1) statuses.add((await login(email)).status);
    expect([[...statuses], (await notices(email)).length]).toEqual([[200], 10]);
  });
});

it.each([
  [null, "a device that does not say what it is"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36", "Chrome on Android"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  ["okhttp (Android)", "a device with Android"],
  ["curl/8.5.0", "curl"],
])("names the device of %j", (userAgent, name) => {
  expect(describeDevice(userAgent)).toBe(name);
});
