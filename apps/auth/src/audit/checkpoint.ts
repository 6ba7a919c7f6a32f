import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Link } from "./chain.ts";

const shape = z.object({
  position: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * A signed chain head: the audit log had so many rows at that time, and its last link was this. It is kept where whoever has
 * the database cannot change it, and proves to whoever has SECRETS_KEY what the log contained.
 */
export type Checkpoint = z.output<typeof shape>;

/** Signs a chain head: one line of JSON. @param at epoch milliseconds */
export function signCheckpoint({ position, hash }: Link, at: number, keys: readonly Uint8Array[]): string {
  const [newest] = keys;
  if (newest === undefined) throw new RangeError("At least one key is needed.");
  const head = { position, hash, at: new Date(at).toISOString() };
  return JSON.stringify({ ...head, mac: macOf(head, newest).toString("hex") });
}

/**
 * Reads signed chain heads, one a line, in the order in which they were written. A last line without its end is left out:
 * its writer was stopped in the middle.
 *
 * @throws CheckpointError `unreadable`, `forged` for one that no holder of the keys has signed
 */
export function readCheckpoints(text: string, keys: readonly Uint8Array[]): readonly Checkpoint[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.flatMap((line, index) => (line.trim() === "" ? [] : [readCheckpoint(line, index + 1, keys)]));
}

/** A line of a checkpoint file is not one that auth wrote. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  readonly code: "unreadable" | "forged";

  constructor(code: CheckpointError["code"], line: number) {
    const what = code === "forged" ? "was not signed by auth with these secrets" : "is no checkpoint";
    super(`Line ${line} of the checkpoints ${what}.`);
    this.code = code;
  }
}

function readCheckpoint(line: string, number: number, keys: readonly Uint8Array[]): Checkpoint {
  const { data } = shape.safeParse(parse(line));
  if (data === undefined) throw new CheckpointError("unreadable", number);
  const given = Buffer.from(data.mac, "hex");
  if (!keys.some((key) => timingSafeEqual(given, macOf(data, key)))) throw new CheckpointError("forged", number);
  return data;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function macOf({ position, hash, at }: Omit<Checkpoint, "mac">, key: Uint8Array): Buffer {
  return createHmac("sha256", key)
    .update(JSON.stringify(["audit checkpoint", position, hash, at]))
    .digest();
}
