-- The audit log only grows: no role that merely uses the table can change or remove what was written.
CREATE FUNCTION "auth"."refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "audit_append_only" BEFORE UPDATE OR DELETE ON "auth"."audit"
  FOR EACH ROW EXECUTE FUNCTION "auth"."refuse_audit_change"();
--> statement-breakpoint
CREATE TRIGGER "audit_no_truncate" BEFORE TRUNCATE ON "auth"."audit"
  FOR EACH STATEMENT EXECUTE FUNCTION "auth"."refuse_audit_change"();
--> statement-breakpoint
-- A refresh changes unindexed columns of one session row; room on the page lets it stay there (a heap-only update).
ALTER TABLE "auth"."sessions" SET (fillfactor = 80);
