CREATE TABLE "auth"."audit_anchor" (
	"id" integer PRIMARY KEY NOT NULL,
	"base_position" bigint NOT NULL,
	"base_hash" text NOT NULL,
	"head_position" bigint NOT NULL,
	"head_hash" text NOT NULL,
	"mac" text NOT NULL,
	CONSTRAINT "audit_anchor_is_one" CHECK ("auth"."audit_anchor"."id" = 1)
);
--> statement-breakpoint
ALTER TABLE "auth"."audit" ADD COLUMN "service" text DEFAULT 'auth' NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."audit" ADD COLUMN "event_key" text;--> statement-breakpoint
ALTER TABLE "auth"."audit" ADD COLUMN "position" bigint;--> statement-breakpoint
ALTER TABLE "auth"."audit" ADD COLUMN "hash" text;--> statement-breakpoint
CREATE INDEX "audit_of_actor" ON "auth"."audit" USING btree ("actor","id");--> statement-breakpoint
CREATE INDEX "audit_unsealed" ON "auth"."audit" USING btree ("id") WHERE "auth"."audit"."position" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_chain" ON "auth"."audit" USING btree ("position") WHERE "auth"."audit"."position" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_of_event" ON "auth"."audit" USING btree ("event_key") WHERE "auth"."audit"."event_key" is not null;--> statement-breakpoint
-- The chain begins with a hash of zeros; no MAC, until the first row is sealed.
INSERT INTO "auth"."audit_anchor" VALUES (1, 0, repeat('0', 64), 0, repeat('0', 64), '');
--> statement-breakpoint
-- Two things may still happen to a row: it is given its place in the chain, once, and it is removed when the anchor says
-- that it has expired. The day is a floor for a retention that was set too short, by the database's own clock.
CREATE OR REPLACE FUNCTION "auth"."refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unsealed "auth"."audit";
BEGIN
  IF TG_OP = 'UPDATE' THEN
    unsealed := NEW;
    unsealed.position := NULL;
    unsealed.hash := NULL;
    IF OLD.position IS NULL AND NEW.position IS NOT NULL AND NEW.hash IS NOT NULL AND unsealed IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.at < clock_timestamp() - interval '1 day'
      AND OLD.position <= (SELECT base_position FROM "auth"."audit_anchor") THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
-- The one way in which rows leave: those up to the anchor's base. Answers how many.
CREATE FUNCTION "auth"."expire_audit"() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM "auth"."audit" WHERE position <= (SELECT base_position FROM "auth"."audit_anchor");
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
