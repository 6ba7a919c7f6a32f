import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Remembers, at the client, that somebody signed in there: a device token, which stands for nothing else. */
export type KnownDevices = {
  /**
   * The device tokens that a client keeps from now on, as one text: one for this user, and those for others who signed in
   * there before, a few at most. A device keeps its id.
   *
   * @param held the texts that it brought along, in which anybody may have written anything
   */
  remember(userId: string, held: readonly string[]): string;
  /** The id of the device for this user, or null when nobody proved a password for the account there. */
  find(userId: string, held: readonly string[]): string | null;
  /** Whether any of what was brought was issued here and has not ended; it may be of another user. */
  isOurs(held: readonly string[]): boolean;
};

/** How long a device stays known after the last sign-in there, in seconds. */
export const deviceLife = 180 * 24 * 3600;

/** More than the longest text that is given, in characters. */
const longestText = 600;

/** How many users one device knows: a household. */
const mostUsers = 4;

/** Cookies of one name, of which others may have set some. */
const mostTexts = 4;

/**
 * Device tokens of the form `user.device.issued.mac`, mac = HMAC-SHA-256 over the three. `user` is a MAC over the user's
 * id: who has it learns no id, and nothing about whom it belongs to. Several are joined by `~`.
 *
 * @param secrets the first signs, all verify; 32 bytes each
 * @param now epoch milliseconds
 */
export function createKnownDevices(secrets: readonly Uint8Array[], now: () => number): KnownDevices {
  const [first] = secrets;
  if (first === undefined) throw new RangeError("Device tokens need a secret.");

  function read(held: readonly string[]): readonly DeviceToken[] {
    const texts = held.filter(({ length }) => length <= longestText).slice(0, mostTexts);
    const tokens = texts.flatMap((text) => text.split("~").slice(0, mostUsers).map(parse));
    return tokens.filter((token) => token !== null).filter(isGood);
  }

  function isGood(token: DeviceToken): boolean {
    const age = now() / 1000 - token.issuedAt;
    return age < deviceLife && age > -clockTolerance && isIssued(secrets, token);
  }

  function tokenOf(userId: string, held: readonly string[]): DeviceToken | undefined {
    const names = secrets.map((secret) => macOf(secret, "user", userId));
    return read(held).find(({ user }) => names.includes(user));
  }

  return {
    remember(userId, held) {
      const known = tokenOf(userId, held);
      const others = read(held).filter((token) => token !== known);
      const device = known?.device ?? randomBytes(12).toString("base64url");
      const body = { user: macOf(first, "user", userId), device, issuedAt: Math.floor(now() / 1000) };
      const fresh = { ...body, mac: macOf(first, "device", bodyOf(body)) };
      return [fresh, ...others].slice(0, mostUsers).map(toText).join("~");
    },
    find: (userId, held) => tokenOf(userId, held)?.device ?? null,
    isOurs: (held) => read(held).length > 0,
  };
}

type DeviceBody = { readonly user: string; readonly device: string; readonly issuedAt: number };
type DeviceToken = DeviceBody & { readonly mac: string };

/** Replicas' clocks differ, in seconds. */
const clockTolerance = 60;

const shape = /^([\w-]{43})\.([\w-]{16})\.([1-9]\d{8,10})\.([\w-]{43})$/;

function parse(text: string): DeviceToken | null {
  const [, user, device, issuedAt, mac] = shape.exec(text) ?? [];
  if (user === undefined || device === undefined || issuedAt === undefined || mac === undefined) return null;
  return { user, device, issuedAt: Number(issuedAt), mac };
}

function toText(token: DeviceToken): string {
  return `${bodyOf(token)}.${token.mac}`;
}

function bodyOf({ user, device, issuedAt }: DeviceBody): string {
  return `${user}.${device}.${issuedAt}`;
}

function macOf(secret: Uint8Array, use: "user" | "device", text: string): string {
  return createHmac("sha256", secret).update(`${use}\n${text}`).digest("base64url");
}

function isIssued(secrets: readonly Uint8Array[], token: DeviceToken): boolean {
  const presented = Buffer.from(token.mac);
  return secrets.some((secret) => timingSafeEqual(Buffer.from(macOf(secret, "device", bodyOf(token))), presented));
}
