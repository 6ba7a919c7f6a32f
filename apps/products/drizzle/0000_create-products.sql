CREATE SCHEMA IF NOT EXISTS "products";
--> statement-breakpoint
CREATE TABLE "products"."products" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"price_amount" bigint NOT NULL,
	"price_currency" text NOT NULL,
	CONSTRAINT "products_price_amount_is_not_negative" CHECK ("products"."products"."price_amount" >= 0),
	CONSTRAINT "products_price_currency_is_a_code" CHECK ("products"."products"."price_currency" ~ '^[A-Z]{3}$')
);
