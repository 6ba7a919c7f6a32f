CREATE SCHEMA IF NOT EXISTS "orders";
--> statement-breakpoint
CREATE TABLE "orders"."order_items" (
	"order_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"name" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_amount" bigint NOT NULL,
	CONSTRAINT "order_items_order_id_product_id_pk" PRIMARY KEY("order_id","product_id"),
	CONSTRAINT "order_items_quantity_is_positive" CHECK ("orders"."order_items"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"request" text NOT NULL,
	"status" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"total_amount" bigint,
	"total_currency" text,
	"refusal_code" text,
	"refusal_message" text,
	"release_due" boolean DEFAULT false NOT NULL,
	CONSTRAINT "orders_status_is_known" CHECK ("orders"."orders"."status" in ('pending', 'confirmed', 'rejected', 'abandoned', 'cancelled')),
	CONSTRAINT "orders_total_when_placed" CHECK (("orders"."orders"."status" in ('confirmed', 'cancelled')) = ("orders"."orders"."total_amount" is not null and "orders"."orders"."total_currency" is not null)),
	CONSTRAINT "orders_reason_when_rejected" CHECK (("orders"."orders"."status" = 'rejected') = ("orders"."orders"."refusal_code" is not null and "orders"."orders"."refusal_message" is not null))
);
--> statement-breakpoint
ALTER TABLE "orders"."order_items" ADD CONSTRAINT "order_items_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "orders_one_live_claim_per_key" ON "orders"."orders" USING btree ("user_id","idempotency_key") WHERE "orders"."orders"."status" <> 'abandoned';--> statement-breakpoint
CREATE INDEX "orders_of_user" ON "orders"."orders" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "orders_unsettled" ON "orders"."orders" USING btree ("started_at") WHERE "orders"."orders"."status" = 'pending' or "orders"."orders"."release_due";