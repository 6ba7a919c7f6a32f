import { createHmac, randomBytes } from "node:crypto";
import { cookieValues } from "@countersign/service";
import { serialize } from "hono/utils/cookie";
import type { SignInSecrets } from "./protocol.ts";

/** How long a person may take at a provider, in seconds. */
export const signInLife = 600;

/** The cookie that binds a sign-in with a provider to the browser that began it. */
export type BrowserCookie = {
  /** The Set-Cookie value for a secret. */
  set(secret: string): string;
  /** The secrets that a request brings; another application of the host may have set one of that name. */
  read(header: string | null): readonly string[];
};

/**
 * HttpOnly, and SameSite=Lax: the provider's redirect to our callback is a navigation that another site began. Over https
 * `__Host-` keeps sibling subdomains from planting one.
 *
 * @param publicOrigin such as `https://shop.example.com`
 */
export function createBrowserCookie(publicOrigin: string): BrowserCookie {
  const secure = publicOrigin.startsWith("https:");
  const name = secure ? "__Host-sign_in" : "sign_in";
  return {
    set: (secret) =>
      serialize(name, secret, { path: "/", sameSite: "Lax", secure, httpOnly: true, maxAge: signInLife }),
    read: (header) =>
      cookieValues(header, name)
        .filter((value) => shape.test(value))
        .slice(0, most),
  };
}

/** Cookies of the name that are looked at. */
const most = 4;
const shape = /^[\w-]{43}$/;

/** 256 random bits, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * The nonce and the PKCE verifier of a sign-in, made of its state and the secret of the browser that began it. Neither the
 * database nor the URL has both, and in another browser nothing comes out that fits.
 */
export function secretsOf(state: string, browser: string): SignInSecrets {
  const derive = (use: string) => createHmac("sha256", browser).update(`${use}\n${state}`).digest("base64url");
  return { state, nonce: derive("nonce"), verifier: derive("verifier") };
}
