import type { CallPort, OutgoingCall } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import { callProcedure, createTestChassis, createTestIssuer, type ProcedureAnswer } from "@countersign/testing";
import { z } from "zod";
import { createApp } from "../src/app.ts";

/** Products on this database, called through its door; `calls` keeps what it asked of other services. */
export async function openProducts(database: OpenDatabase, options: { call?: CallPort } = {}) {
  const issuer = await createTestIssuer();
  const calls: OutgoingCall[] = [];
  const call: CallPort = async (outgoing) => {
    calls.push(outgoing);
    return options.call?.(outgoing);
  };
  const app = createApp({ chassis: createTestChassis("products", { issuer, call }), database });
  const admin = async (path: string, input: unknown): Promise<ProcedureAnswer> =>
    callProcedure(app, path, { type: "mutation", input, token: await issuer.userToken({ roles: ["admin"] }) });
  const anyone = (path: string, input?: unknown): Promise<ProcedureAnswer> =>
    callProcedure(app, path, { type: "query", input });
  return { calls, admin, anyone };
}

/** The part of a product that the tests go on with. */
export const productShape = z.object({ id: z.uuid(), name: z.string() });

/** The part of a page that the tests go on with. */
export const pageShape = z.object({ items: z.array(productShape), nextCursor: z.string().nullable() });
