import { serviceNames } from "@countersign/access";
import { permissionProcedure } from "@countersign/context";
import { and, desc, eq, lt } from "drizzle-orm";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { type Page, pageLimit, toPage } from "../page.ts";
import { audit } from "../schema.ts";

/** One line of the audit log; `at` in ISO 8601. `position` and `hash` are null for some seconds, until it is sealed. */
export type AuditLine = Omit<typeof audit.$inferSelect, "at" | "eventKey" | "stamp" | "mac"> & { at: string };

/** Where the page before ended: the number of its last line. */
const lastPosition = z
  .string()
  .regex(/^\d{1,15}$/, "Send what the page before gave as nextCursor.")
  .transform(Number);

/** None of those that are written down has a control character, and the database takes no NUL. */
const name = z
  .string()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}*$/u, "Control characters are not allowed.");

const input = z
  .object({
    /** Only what was done to this user, session, key or service. */
    subject: name.optional(),
    /** Only what this user or service did, or was refused. */
    actor: name.optional(),
    /** Only what this service, or the gateway, decided. */
    service: z.enum([...serviceNames, "gateway"]).optional(),
    cursor: lastPosition.nullish(),
    limit: pageLimit,
  })
  .prefault({});

/** A page of the audit log, newest first. */
export const listAudit = ({ db }: RouterDeps) =>
  permissionProcedure("audit:read")
    .input(input)
    .query(async ({ input: { subject, actor, service, cursor, limit } }): Promise<Page<AuditLine>> => {
      const rows = await db
        .select()
        .from(audit)
        .where(
          and(
            subject === undefined ? undefined : eq(audit.subject, subject),
            actor === undefined ? undefined : eq(audit.actor, actor),
            service === undefined ? undefined : eq(audit.service, service),
            cursor ? lt(audit.id, cursor) : undefined,
          ),
        )
        .orderBy(desc(audit.id))
        .limit(limit + 1);
      return toPage(rows, limit, { item: toLine, cursor: (last) => String(last.id) });
    });

function toLine(row: typeof audit.$inferSelect): AuditLine {
  const { id, at, service, action, outcome, reason, actor, subject, requestId, address, detail, position, hash } = row;
  const what = { service, action, outcome, reason, actor, subject, detail };
  return { id, at: at.toISOString(), ...what, requestId, address, position, hash };
}
