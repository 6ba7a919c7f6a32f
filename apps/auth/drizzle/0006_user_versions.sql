ALTER TABLE "auth"."outbox" ADD COLUMN "below" integer;--> statement-breakpoint
ALTER TABLE "auth"."outbox" ADD COLUMN "except_session" uuid;--> statement-breakpoint
ALTER TABLE "auth"."service_clients" ADD COLUMN "token_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "tokens_until" timestamp (3) with time zone DEFAULT '1970-01-01T00:00:00.000Z' NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "token_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "kept_session_id" uuid;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "kept_version" integer;--> statement-breakpoint
-- A revocation that is still in force named a second; it goes on as the first version, which no token says so far.
UPDATE "auth"."users" SET "token_version" = 1 WHERE "id"::text IN (SELECT "subject" FROM "auth"."outbox" WHERE "kind" = 'user');--> statement-breakpoint
UPDATE "auth"."service_clients" SET "token_version" = 1 WHERE "name" IN (SELECT "subject" FROM "auth"."outbox" WHERE "kind" = 'service');--> statement-breakpoint
UPDATE "auth"."outbox" SET "below" = 1, "published" = false WHERE "kind" IN ('user', 'service');--> statement-breakpoint
ALTER TABLE "auth"."outbox" DROP COLUMN "issued_before";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP COLUMN "tokens_from";
