import type { OpenOptions } from "@countersign/database";

type DatabaseSettings = {
  /** Not set for what listens to nothing, as commands do. */
  readonly DATABASE_LISTEN_URL?: string | undefined;
  readonly DATABASE_PREPARE: "on" | "off";
  readonly AUTH_SCHEMA: string;
};

/** The options of `openDatabase` that these settings stand for. */
export function databaseOptions(settings: DatabaseSettings): Pick<OpenOptions, "listenUrl" | "prepare" | "schemas"> {
  return {
    listenUrl: settings.DATABASE_LISTEN_URL,
    prepare: settings.DATABASE_PREPARE === "on",
    schemas: { auth: settings.AUTH_SCHEMA },
  };
}
