import { z } from "zod";
import type { SessionCookies } from "./cookies.ts";
import type { DeviceCookie } from "./device-cookie.ts";
import type { Issued, PublicUser } from "./issued.ts";

/** How a client keeps its session: in cookies, which its scripts never see, or in its own hands. */
export const mode = z.enum(["cookie", "bearer"]).default("cookie");
export type Mode = z.output<typeof mode>;

/** What sign-in, registration and refresh answer; lives in seconds. No token stands in the body in cookie mode. */
export type SignedIn =
  | { user: PublicUser; expiresIn: number }
  | {
      user: PublicUser;
      accessToken: string;
      refreshToken: string;
      tokenType: "Bearer";
      expiresIn: number;
      /** After a sign-in: to be sent along with the next one, so that guesses of strangers do not hold it up. */
      deviceToken?: string;
    };

/** What registration answers where it is confirmed by mail: nobody is signed in yet. */
export type Mailed = { confirmBy: "mail" };
export const mailed: Mailed = { confirmBy: "mail" };

/** Where they go in cookie mode. */
export type Delivery = { headers: Headers; cookies: SessionCookies; deviceCookie: DeviceCookie };

/** Hands issued tokens over by the client's mode: into `headers` as cookies, or into the body. */
export function deliver(issued: Issued, chosen: Mode, to: Delivery): SignedIn {
  const { user, expiresIn, accessToken, refreshToken, deviceTokens } = issued;
  if (chosen === "bearer") {
    const device = deviceTokens === undefined ? {} : { deviceToken: deviceTokens };
    return { user, accessToken, refreshToken, tokenType: "Bearer", expiresIn, ...device };
  }
  for (const cookie of to.cookies.set(issued)) to.headers.append("set-cookie", cookie);
  if (deviceTokens !== undefined) to.headers.append("set-cookie", to.deviceCookie.set(deviceTokens));
  return { user, expiresIn };
}

/** Removes all of them. */
export function clearCookies(headers: Headers, cookies: SessionCookies): void {
  for (const cookie of cookies.clear()) headers.append("set-cookie", cookie);
}

/** Removes what others set under the name of the refresh cookie, before anything is said about our own. */
export function clearNamesakes(headers: Headers, cookies: SessionCookies, request: Request): void {
  for (const cookie of cookies.clearNamesakes(request)) headers.append("set-cookie", cookie);
}
