import { cookieValues } from "@countersign/service";
import { serialize } from "hono/utils/cookie";
import { deviceLife } from "./known-devices.ts";

/** The cookie by which a browser is known that somebody signed in with. */
export type DeviceCookie = {
  /** The Set-Cookie value for what `KnownDevices` gives. */
  set(deviceTokens: string): string;
  /** Every value of that name: another application of the host may have set one of its own. */
  read(header: string | null): readonly string[];
};

/**
 * HttpOnly, to `/auth` alone, and sent with no request that another site started. It outlives a sign-out: what it says is
 * that a person who knew the password was here, and it signs nobody in.
 *
 * @param publicOrigin such as `https://shop.example.com`
 */
export function createDeviceCookie(publicOrigin: string): DeviceCookie {
  const secure = publicOrigin.startsWith("https:");
  const name = secure ? "__Secure-known_device" : "known_device";
  return {
    set: (deviceTokens) =>
      serialize(name, deviceTokens, { path: "/auth", sameSite: "Strict", secure, httpOnly: true, maxAge: deviceLife }),
    read: (header) => cookieValues(header, name),
  };
}
