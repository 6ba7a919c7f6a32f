import type { OpenOptions } from "@countersign/database";
import { z } from "zod";
import { setting } from "./env.ts";

/** How a PostgreSQL is spoken to, beside its URL; `.env.example` has a line on each. */
export const databaseSettings = {
  DATABASE_LISTEN_URL: setting.postgresUrl().optional(),
  DATABASE_PREPARE: z.enum(["on", "off"], 'is "on" or "off"').default("on"),
};

type DatabaseSettings = {
  readonly DATABASE_LISTEN_URL?: string | undefined;
  readonly DATABASE_PREPARE: "on" | "off";
};

/** The options of `openDatabase` that these settings stand for. */
export function databaseOptions(settings: DatabaseSettings): Pick<OpenOptions, "listenUrl" | "prepare"> {
  return { listenUrl: settings.DATABASE_LISTEN_URL, prepare: settings.DATABASE_PREPARE === "on" };
}
