ALTER TABLE "auth"."sessions" ADD COLUMN "rotated_by" text;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "answer_failed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "is_bearer" boolean DEFAULT false NOT NULL;