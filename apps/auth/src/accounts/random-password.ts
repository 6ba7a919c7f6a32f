import { randomBytes } from "node:crypto";

/** Lower-case letters and digits without those that look alike (0 o, 1 l): 32, so that each stands for five bits. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** A password of 100 random bits in four groups, such as `k7q2m-9xw4t-hd3pa-e6z8r`, to be read out and typed. */
export function randomPassword(): string {
  const characters = Array.from(randomBytes(20), (byte) => alphabet[byte % alphabet.length] ?? "");
  return [0, 5, 10, 15].map((from) => characters.slice(from, from + 5).join("")).join("-");
}
