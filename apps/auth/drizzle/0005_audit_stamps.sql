ALTER TABLE "auth"."audit" ADD COLUMN "stamp" uuid;--> statement-breakpoint
ALTER TABLE "auth"."audit" ADD COLUMN "mac" text;--> statement-breakpoint
CREATE INDEX "audit_of_actor_and_subject" ON "auth"."audit" USING btree ("actor","subject","id");--> statement-breakpoint
CREATE INDEX "audit_of_service" ON "auth"."audit" USING btree ("service","id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_stamps" ON "auth"."audit" USING btree ("stamp") WHERE "auth"."audit"."stamp" is not null;--> statement-breakpoint
-- A row loses its MAC when it is given its place: from then on the chain vouches for it. A row whose date has not come yet
-- was written by a clock that was wrong, and may go with its neighbours.
CREATE OR REPLACE FUNCTION "auth"."refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unsealed "auth"."audit";
BEGIN
  IF TG_OP = 'UPDATE' THEN
    unsealed := NEW;
    unsealed.position := NULL;
    unsealed.hash := NULL;
    unsealed.mac := OLD.mac;
    IF OLD.position IS NULL AND NEW.position IS NOT NULL AND NEW.hash IS NOT NULL AND NEW.mac IS NULL
      AND unsealed IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF (OLD.at < clock_timestamp() - interval '1 day' OR OLD.at > clock_timestamp())
      AND OLD.position <= (SELECT base_position FROM "auth"."audit_anchor") THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
DROP FUNCTION "auth"."expire_audit"();
--> statement-breakpoint
-- The one way in which rows leave: those after a position and up to the anchor's base. The position spares a long backlog
-- the index entries of all the rows that were removed before. Answers how many.
CREATE FUNCTION "auth"."expire_audit"("after" bigint DEFAULT 0) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM "auth"."audit"
    WHERE position > "after" AND position <= (SELECT base_position FROM "auth"."audit_anchor");
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
