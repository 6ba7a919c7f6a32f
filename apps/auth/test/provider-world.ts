import type { OpenDatabase } from "@countersign/database";
import type { AuthOptions } from "../src/open-auth.ts";
import { openTestAuth, type TestAuth } from "./open-test-auth.ts";
import { post } from "./requests.ts";
import { type Person, startProvider, type TestProvider } from "./start-provider.ts";
import { createTestBrowser, type Shown, type TestBrowser } from "./test-browser.ts";

/** Auth with two real providers, and people with browsers of their own. */
export type ProviderWorld = TestAuth & {
  readonly one: TestProvider;
  readonly other: TestProvider;
  /** A browser at an address that no other has. */
  openBrowser(): TestBrowser;
  /** Signs in as this person, as far as the page that was wanted. */
  signIn(browser: TestBrowser, person: Person, provider?: TestProvider, to?: string): Promise<Shown>;
  /** Goes as far as the answer that the provider sends to our callback. */
  callbackOf(browser: TestBrowser, person: Person | null, provider?: TestProvider): Promise<URL>;
  /** What `me` says in this browser. */
  meOf(browser: TestBrowser): Promise<unknown>;
  /** The status of a registration with this person's address: 200 when there is no account yet. */
  registrationOf(person: Person): Promise<number>;
  stop(): Promise<void>;
};

export async function openProviderWorld(
  database: OpenDatabase,
  options: Partial<AuthOptions> = {},
): Promise<ProviderWorld> {
  const [one, other] = await Promise.all([startProvider("one"), startProvider("other")]);
  const test = await openTestAuth(database, { demo: true, providers: [one.settings, other.settings], ...options });
  let visitors = 0;
  return {
    ...test,
    one,
    other,
    openBrowser() {
      visitors += 1;
      return createTestBrowser(test.app, `198.51.100.${visitors}`);
    },
    async signIn(browser, person, provider = one, to = "/trpc/me") {
      provider.person = person;
      return await browser.go(`/auth/${provider.settings.name}?to=${encodeURIComponent(to)}`, /4000\/trpc\/me/);
    },
    async callbackOf(browser, person, provider = one) {
      provider.person = person;
      const { url } = await browser.go(`/auth/${provider.settings.name}`, /\/callback\?/);
      return new URL(url);
    },
    async meOf(browser) {
      const headers = { authorization: `Bearer ${browser.cookies()["auth_token"]}` };
      const body: unknown = await (await test.app.request("/trpc/me", { headers })).json();
      return body;
    },
    async registrationOf({ email }) {
      return (await post(test.app, "/auth/register", { json: { email, password: "correct horse" } })).status;
    },
    async stop() {
      await Promise.all([one.stop(), other.stop()]);
    },
  };
}

/** A new person with a confirmed address, or with other claims. */
export function somebody(claims: object = {}): Person {
  const sub = crypto.randomUUID();
  return { sub, email: `${sub}@example.com`, email_verified: true, ...claims };
}

export const isSignedIn = (browser: TestBrowser): boolean => "auth_token" in browser.cookies();
