import { permissionProcedure } from "@countersign/context";
import { and, asc, eq, gt, or } from "drizzle-orm";
import { z } from "zod";
import { type Account, toAccount } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";
import { type Page, pageLimit, toPage } from "../page.ts";
import { users } from "../schema.ts";

/** The last moment whose year has four digits: the database reads no others. */
const lastMoment = new Date("9999-12-31T23:59:59.999Z");

/** Where the page before ended: when that account was made, in milliseconds, and its id. */
const position = z
  .string()
  .regex(/^\d{1,15}\.[0-9a-f-]{36}$/, "Send what the page before gave as nextCursor.")
  .transform((text) => ({ createdAt: new Date(Number(text.split(".")[0])), id: text.slice(text.indexOf(".") + 1) }))
  .pipe(z.object({ createdAt: z.date().max(lastMoment), id: z.uuid() }));

const input = z.object({ cursor: position.nullish(), limit: pageLimit }).prefault({});

/** A page of the accounts, oldest first. */
export const listUsers = ({ db }: RouterDeps) =>
  permissionProcedure("users:read")
    .input(input)
    .query(async ({ input: { cursor, limit } }): Promise<Page<Account>> => {
      const rows = await db
        .select()
        .from(users)
        .where(cursor ? isAfter(cursor) : undefined)
        .orderBy(asc(users.createdAt), asc(users.id))
        .limit(limit + 1);
      return toPage(rows, limit, { item: toAccount, cursor: (last) => `${last.createdAt.getTime()}.${last.id}` });
    });

function isAfter({ createdAt, id }: z.output<typeof position>) {
  return or(gt(users.createdAt, createdAt), and(eq(users.createdAt, createdAt), gt(users.id, id)));
}
