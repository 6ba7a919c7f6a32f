CREATE TABLE "auth"."revocation_feed" (
	"id" integer PRIMARY KEY NOT NULL,
	"epoch" uuid DEFAULT gen_random_uuid() NOT NULL,
	"number" bigint DEFAULT 0 NOT NULL,
	"beat" bigint DEFAULT 0 NOT NULL,
	"beat_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "revocation_feed_is_one" CHECK ("auth"."revocation_feed"."id" = 1)
);
--> statement-breakpoint
ALTER TABLE "auth"."outbox" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "auth"."outbox" ADD COLUMN "event_id" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."outbox" ADD COLUMN "number" bigint;--> statement-breakpoint
ALTER TABLE "auth"."outbox" ADD COLUMN "kept_until_beat" bigint;--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "auth"."outbox" USING btree ("id") WHERE "auth"."outbox"."published" = false;--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_number" ON "auth"."outbox" USING btree ("number");--> statement-breakpoint
INSERT INTO "auth"."revocation_feed" ("id") VALUES (1);--> statement-breakpoint
-- Revocations from before get their numbers, and are published once more, signed.
UPDATE "auth"."outbox" SET "published" = false;
