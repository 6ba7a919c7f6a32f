import { Refusal } from "@countersign/context";
import { type Command, UsageError } from "../cli/command.ts";
import type { KeyDeps } from "../deps.ts";
import { keyStateOf, signingKeyAt } from "./lifecycle.ts";
import { revokeKey } from "./revoke-key.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { readKeys, type StoredKey } from "./store.ts";

const usage = `Usage: npm run keys -- <command>
  list             every signing key, its algorithm and what it is now
  rotate           publishes the next key now, for TOKEN_ALG where that is set; it signs once every verifier can have it
  revoke <kid>     drops a key at once, everywhere: what it signed ends`;

const by = { actor: "command line", from: null };

type Work = (deps: KeyDeps, say: Command["say"]) => Promise<void>;

/**
 * Reads what `npm run keys` is asked for: the care of the signing keys by hand. A running auth reads what was changed
 * within a minute, and hears of a revoked key by the event bus.
 *
 * @returns the work, which throws UsageError for a key that is not in use
 * @throws UsageError
 */
export function readKeysCommand(args: readonly string[]): Work {
  const [verb = "", kid = "", ...rest] = args;
  if (verb === "list" && kid === "") return list;
  if (verb === "rotate" && kid === "") return rotate;
  if (verb === "revoke" && kid !== "" && rest.length === 0) return (deps, say) => revoke(deps, kid, say);
  throw new UsageError(usage);
}

/** `npm run keys` with these words. @throws UsageError when it is called wrongly, or for a key that is not in use */
export async function keysCommand(args: readonly string[], deps: KeyDeps, say: Command["say"]): Promise<void> {
  await readKeysCommand(args)(deps, say);
}

async function list({ db, now }: KeyDeps, say: Command["say"]): Promise<void> {
  const keys = await readKeys(db);
  for (const key of keys) {
    const state = keyStateOf(key, now()).padEnd(8);
    say(`${key.kid}  ${key.algorithm}  ${state} ${describeTimes(key)}`);
  }
  const signing = signingKeyAt(keys, now());
  const next = keys.find((key) => key !== signing && keyStateOf(key, now()) === "next");
  if (signing === undefined) return say("No key signs: auth makes one when it starts, or within a minute.");
  if (next === undefined || next.algorithm === signing.algorithm) return;
  say(`Hand-over: ${signing.algorithm} signs until ${next.activatesAt.toISOString()}, then ${next.algorithm}.`);
}

function describeTimes({ activatesAt, retiredAt, expiresAt }: StoredKey): string {
  const from = `signs from ${activatesAt.toISOString()}`;
  if (retiredAt === null || expiresAt === null) return from;
  return `${from} until ${retiredAt.toISOString()}, accepted until ${expiresAt.toISOString()}`;
}

async function rotate(deps: KeyDeps, say: Command["say"]): Promise<void> {
  const kid = await rotateKeys(deps, by);
  if (kid === null) return say("The next key is published already and waits for its turn; nothing was changed.");
  const added = (await readKeys(deps.db)).find((key) => key.kid === kid);
  say(`${kid} is published, and signs from ${added?.activatesAt.toISOString() ?? "its time"}.`);
}

async function revoke(deps: KeyDeps, kid: string, say: Command["say"]): Promise<void> {
  try {
    await revokeKey(deps, kid, by);
  } catch (error) {
    if (error instanceof Refusal && error.code === "NOT_FOUND") throw new UsageError(`${error.message}\n${usage}`);
    throw error;
  }
  say(`${kid} is revoked; its tokens are refused as soon as the services hear of it.`);
}
