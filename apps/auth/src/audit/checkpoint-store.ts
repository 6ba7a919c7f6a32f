import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";

/** Where checkpoints are kept, away from the database. */
export type CheckpointStore = {
  /** Keeps the line of a checkpoint at this position; resolves when it is stored. */
  append(line: string, position: number): Promise<void>;
  /** Everything that is kept, where that can be read back; null where it cannot. */
  read(): Promise<string | null>;
};

/** Keeps checkpoints in a file, one a line: it is only ever appended to, so that it may be of a kind that nobody can cut. */
export function createCheckpointFile(file: string): CheckpointStore {
  return {
    async append(line) {
      await mkdir(path.dirname(file), { recursive: true });
      const handle = await open(file, "a", 0o600);
      try {
        await handle.appendFile(`${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async read() {
      try {
        return await readFile(file, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
        throw error;
      }
    },
  };
}

const timeoutMs = 10_000;

/**
 * Puts each checkpoint to a URL, such as one of an object store; `{position}` in it makes each an object of its own. A user and
 * password in the URL go along as Basic credentials (RFC 7617).
 *
 * @throws Error when the answer of the store is no success; redirects are none
 */
export function createCheckpointUrl(url: string, fetch: typeof globalThis.fetch): CheckpointStore {
  return {
    async append(line, position) {
      const target = new URL(url.replaceAll("{position}", String(position)));
      const headers = new Headers({ "content-type": "application/json", ...credentialsOf(target) });
      target.username = "";
      target.password = "";
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await fetch(target, { method: "PUT", body: `${line}\n`, headers, redirect: "manual", signal });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`The store of checkpoints answered ${answer.status}.`);
    },
    read: async () => null,
  };
}

function credentialsOf({ username, password }: URL): { authorization?: string } {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}
