import type { OpenOptions } from "@countersign/database";

type DatabaseSettings = {
  readonly DATABASE_LISTEN_URL: string | undefined;
  readonly DATABASE_PREPARE: "on" | "off";
};

/** The options of `openDatabase` that these settings stand for. */
export function databaseOptions(settings: DatabaseSettings): Pick<OpenOptions, "listenUrl" | "prepare"> {
  return { listenUrl: settings.DATABASE_LISTEN_URL, prepare: settings.DATABASE_PREPARE === "on" };
}
