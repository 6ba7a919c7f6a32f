import { callersOf } from "@countersign/access";
import { serviceProcedure } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { isLive } from "../sessions/is-live.ts";

const input = z.object({ sessionId: id });

/** For services whose procedures ask for `freshness: "live"`: whether a session stands at this moment. */
export const isSessionLive = ({ db, now }: RouterDeps) =>
  serviceProcedure(...callersOf("auth"))
    .input(input)
    .query(
      async ({ input: { sessionId } }): Promise<{ live: boolean }> => ({ live: await isLive(db, sessionId, now()) }),
    );
