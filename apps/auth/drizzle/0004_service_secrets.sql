CREATE TABLE "auth"."service_secrets" (
	"id" text PRIMARY KEY NOT NULL,
	"service" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "auth"."service_secrets" ADD CONSTRAINT "service_secrets_service_service_clients_name_fk" FOREIGN KEY ("service") REFERENCES "auth"."service_clients"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "service_secrets_of" ON "auth"."service_secrets" USING btree ("service");