import {
  createPlatformClient,
  createSession,
  type PlatformClient,
  type Session,
  type Surroundings,
} from "../src/index.ts";
import { createBrowser, type TestBrowser, type TestTab } from "./browser.ts";
import { createPlatform, type Routers, sessionOver } from "./platform.ts";

const url = "http://gateway.test";
const user = { id: "u1", email: "alice@example.com", roles: ["user"] };

/** Two sessions, as auth's hint names them. */
export const aliceSession = "a".repeat(16);
export const bobSession = "b".repeat(16);
/** How long an access token lives, in seconds. */
export const life = 600;

/** One tab with its page's client. */
export type OpenedTab = {
  readonly tab: TestTab;
  readonly session: Session;
  readonly client: PlatformClient<Routers>;
  readonly signedOut: () => number;
};

/** A browser whose cookies are alice's, and a platform whose auth the test plays. */
export type Tabs = {
  readonly browser: TestBrowser;
  readonly platform: ReturnType<typeof createPlatform>;
  open(changes?: Partial<Surroundings>): OpenedTab;
  /** Sets the cookies of a session's generation. */
  begin(session: string, generation?: number): void;
  /** Takes them away. */
  leave(): void;
  /** The access token ends; the hint stays as it was. */
  expire(): void;
  /** An answer that signs somebody in. */
  signInAs(session: string): () => Response;
  refreshes(): number;
};

/** A call that only who is signed in may make. */
export const use = ({ client }: OpenedTab): Promise<string[]> => client.orders.mine.query();

export function createTabs(): Tabs {
  const platform = createPlatform();
  const browser = createBrowser();
  let cookie = "";

  const begin = (session: string, generation = 0): void => {
    browser.hint = { session, generation, endsAt: browser.now() + life * 1000 };
    cookie = `${session} ${generation}`;
    platform.proof = cookie;
  };
  const leave = (): void => {
    browser.hint = null;
    cookie = "";
  };
  const signInAs = (session: string) => () => {
    begin(session);
    return Response.json({ user, expiresIn: life });
  };

  begin(aliceSession);
  platform.rest["login"] = signInAs(aliceSession);
  platform.rest["logout"] = () => {
    leave();
    return Response.json({ ok: true });
  };
  platform.rest["refresh"] = () => {
    if (browser.hint === null) return sessionOver();
    begin(browser.hint.session, browser.hint.generation + 1);
    return Response.json({ user, expiresIn: life });
  };

  return {
    browser,
    platform,
    begin,
    leave,
    signInAs,
    expire: () => {
      cookie = "";
    },
    refreshes: () => platform.seen.filter((line) => line === "POST /auth/refresh").length,
    open(changes = {}) {
      const tab = browser.openTab(changes);
      let signedOut = 0;
      const fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
        const request = new Request(input, init);
        if (cookie !== "") request.headers.set("cookie", cookie);
        return platform.fetch(request);
      };
      const onSignedOut = (): void => {
        signedOut += 1;
      };
      const session = createSession({ url, mode: "cookie", fetch, onSignedOut, surroundings: tab });
      const client = createPlatformClient<Routers>({ url, fetch, session });
      return { tab, session, client, signedOut: () => signedOut };
    },
  };
}
