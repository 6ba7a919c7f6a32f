import type { ServiceApp } from "@countersign/service";
import { publicUrl } from "./open-test-auth.ts";

/** One page as a browser shows it, and how it got there. */
export type Shown = { readonly status: number; readonly url: string; readonly text: string; readonly headers: Headers };

/**
 * A browser as far as sign-ins need one: cookies of each origin, redirects, and pages that go on by themselves. Requests of
 * our origin go to the app in this process. As measured in Chromium 156, cookies with SameSite=Strict stay away while the
 * other site is behind a navigation.
 */
export function createTestBrowser(app: ServiceApp, address = "192.0.2.1") {
  const jars = new Map<string, Map<string, { value: string; isStrict: boolean }>>();

  function cookieHeader(origin: string, isForeign: boolean): string {
    const cookies = [...(jars.get(origin) ?? [])].filter(([, { isStrict }]) => !(isStrict && isForeign));
    return cookies.map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  function keep(origin: string, headers: Headers): void {
    const jar = jars.get(origin) ?? new Map();
    jars.set(origin, jar);
    for (const cookie of headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split("; ");
      const name = pair.slice(0, pair.indexOf("="));
      const isStrict = attributes.includes("SameSite=Strict");
      if (attributes.includes("Max-Age=0")) jar.delete(name);
      else jar.set(name, { value: pair.slice(pair.indexOf("=") + 1), isStrict });
    }
  }

  async function ask(url: URL, site: string, init: RequestInit = {}): Promise<Response> {
    const cookie = cookieHeader(url.origin, site === "cross-site");
    const fetchMetadata = { "sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const headers = { ...fetchMetadata, ...(cookie === "" ? {} : { cookie }), ...(init.headers as object) }; // of plain records
    const request = new Request(url, { redirect: "manual", ...init, headers });
    const response = url.origin === publicUrl ? await app.request(request, {}, { address }) : await fetch(request);
    keep(url.origin, response.headers);
    return response;
  }

  return {
    ask,
    keep,
    /** Removes the cookies of an origin, such as of a provider where somebody else is to sign in. */
    forget: (origin: string) => jars.delete(origin),
    /** Every cookie of our origin, by name. */
    cookies: () => Object.fromEntries([...(jars.get(publicUrl) ?? [])].map(([name, { value }]) => [name, value])),
    /** Goes to an address and on to wherever that leads; stops before an address that matches `until`. */
    async go(start: string, until: RegExp = /^$/): Promise<Shown> {
      let url = new URL(start, publicUrl);
      let site = "same-origin";
      for (let step = 0; step < 20; step += 1) {
        const response = await ask(url, site);
        const text = await response.text();
        const [, refresh] = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(text) ?? [];
        const location = response.headers.get("location") ?? refresh?.replaceAll("&amp;", "&");
        const shown = { status: response.status, url: url.href, text, headers: response.headers };
        if (location === undefined) return shown;
        const next = new URL(location, url);
        if (until.test(next.href)) return { ...shown, url: next.href };
        if (refresh !== undefined) site = "same-origin";
        else if (url.origin !== publicUrl) site = "cross-site"; // after a click at the provider
        url = next;
      }
      throw new Error(`No end of redirects from ${start}.`);
    },
  };
}

export type TestBrowser = ReturnType<typeof createTestBrowser>;
