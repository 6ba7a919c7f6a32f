import type { Form } from "./read-form.ts";

/** A request to an OAuth endpoint: its parameters, and its Authorization header. */
export type OAuthRequest = { readonly form: Form; readonly authorization: string | null };
