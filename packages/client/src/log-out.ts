import type { Renewals } from "./renewals.ts";
import { postAuth } from "./rest.ts";
import { authorizationOf, type Core, isRefused } from "./session-core.ts";

/** An access token that has just run out must not keep anybody signed in: the session is renewed to be ended. */
export async function logOut(core: Core, renewals: Renewals): Promise<void> {
  const mark = renewals.mark();
  const { known } = core;
  const tell = (): Promise<void> => core.surroundings.lock(() => tellLogOut(core));
  try {
    await tell().catch(async (error: unknown) => {
      if (!isRefused(error)) throw error;
      if (await renewals.since(mark)) await tell();
    });
    core.surroundings.channel.tell({ kind: "ended", session: known });
  } finally {
    renewals.interrupt();
    core.isOver = true;
    core.known = null;
    core.token = null;
    await core.store.set(null);
  }
}

async function tellLogOut({ mode, store, rest }: Core): Promise<void> {
  const held = await store.get();
  const headers = { ...(await rest.headers()), ...(await authorizationOf(store)) };
  const input = { mode, ...(held?.refreshToken && { refreshToken: held.refreshToken }) };
  await postAuth({ ...rest, headers: () => headers }, "logout", input);
}
