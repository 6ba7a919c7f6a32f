CREATE SCHEMA IF NOT EXISTS "inventory";
--> statement-breakpoint
CREATE TABLE "inventory"."levels" (
	"product_id" uuid PRIMARY KEY NOT NULL,
	"level" bigint NOT NULL,
	CONSTRAINT "levels_level_is_not_negative" CHECK ("inventory"."levels"."level" >= 0)
);
--> statement-breakpoint
CREATE TABLE "inventory"."reservations" (
	"order_id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	CONSTRAINT "reservations_status_is_known" CHECK ("inventory"."reservations"."status" in ('held', 'released'))
);
--> statement-breakpoint
CREATE TABLE "inventory"."reserved_items" (
	"order_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"quantity" bigint NOT NULL,
	CONSTRAINT "reserved_items_order_id_product_id_pk" PRIMARY KEY("order_id","product_id"),
	CONSTRAINT "reserved_items_quantity_is_positive" CHECK ("inventory"."reserved_items"."quantity" > 0)
);
--> statement-breakpoint
ALTER TABLE "inventory"."reserved_items" ADD CONSTRAINT "reserved_items_order_id_reservations_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "inventory"."reservations"("order_id") ON DELETE no action ON UPDATE no action;