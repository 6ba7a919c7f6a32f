import { isIP } from "node:net";
import type { Address } from "./names.ts";

/** The addresses that a hosts file (hosts(5)) has for a name; those of this machine for `localhost` (RFC 6761 §6.3). */
export function findInHosts(text: string, name: string): readonly Address[] {
  const wanted = name.toLowerCase();
  const found: Address[] = [];
  for (const line of text.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const family = isIP(address);
    if ((family === 4 || family === 6) && names.some((other) => other.toLowerCase() === wanted)) {
      found.push({ address, family });
    }
  }
  return found.length === 0 && /(^|\.)localhost\.?$/.test(wanted) ? loopback : found;
}

const loopback: readonly Address[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];
