CREATE TABLE "orders"."change_counts" (
	"user_id" text PRIMARY KEY NOT NULL,
	"count" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "orders"."orders" ADD COLUMN "position" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "orders_changed" ON "orders"."orders" USING btree ("user_id","position");