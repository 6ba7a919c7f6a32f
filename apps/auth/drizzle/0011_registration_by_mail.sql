ALTER TABLE "auth"."links" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."links" ADD COLUMN "password_hash" text;