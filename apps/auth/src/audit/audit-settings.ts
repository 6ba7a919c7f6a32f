import { z } from "zod";

/** Variables on the audit log, for the schema of whoever runs auth. */
export const auditSettings = {
  AUDIT_RETENTION_DAYS: z.coerce
    .number("is a number of days")
    .int("is a number of days")
    .min(2, "is two days or more")
    .max(36_500, "is a hundred years or less")
    .default(400),
  AUDIT_CHECKPOINT_FILE: z.string().min(1, "names a file").optional(),
  AUDIT_CHECKPOINT_URL: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), "is a URL of http or https")
    .optional(),
};

/** Where checkpoints of the audit log go; nowhere but to auth's own log when neither is given. */
export type CheckpointSettings = { readonly file?: string | undefined; readonly url?: string | undefined };

/** The part of the settings that says where checkpoints go. */
export function readCheckpointSettings(settings: {
  readonly AUDIT_CHECKPOINT_FILE?: string | undefined;
  readonly AUDIT_CHECKPOINT_URL?: string | undefined;
}): CheckpointSettings {
  return { file: settings.AUDIT_CHECKPOINT_FILE, url: settings.AUDIT_CHECKPOINT_URL };
}
