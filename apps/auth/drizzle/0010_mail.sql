CREATE TABLE "auth"."mails" (
	"id" uuid PRIMARY KEY NOT NULL,
	"recipient" text NOT NULL,
	"template" text NOT NULL,
	"params" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"outcome" text,
	"reason" text,
	"settled_at" timestamp (3) with time zone,
	"kept" jsonb
);
--> statement-breakpoint
CREATE TABLE "auth"."links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"user_id" uuid NOT NULL,
	"email" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "verified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "auth"."links" ADD CONSTRAINT "links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mails_waiting" ON "auth"."mails" USING btree ("due_at") WHERE "auth"."mails"."outcome" is null;--> statement-breakpoint
CREATE INDEX "mails_settled" ON "auth"."mails" USING btree ("settled_at");--> statement-breakpoint
CREATE INDEX "links_of_user" ON "auth"."links" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "links_expiry" ON "auth"."links" USING btree ("expires_at");