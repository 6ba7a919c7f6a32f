import type { ServiceName } from "@countersign/access";
import type { AccessClaims, DelegatedClaims, ServiceClaims } from "@countersign/tokens";
import type { AuditEntry } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Form } from "./read-form.ts";

/** What is asked for, by whom, and when (milliseconds). */
export type Asked = { readonly caller: ServiceName; readonly form: Form; readonly at: number };

/** What a request for a token comes to, if the client and the token that it is based on turn out to be good. */
export type Grant = {
  /** What the new token will say. */
  readonly claims: ServiceClaims | DelegatedClaims;
  /** The token that it is based on. */
  readonly subject?: AccessClaims;
  readonly entry: AuditEntry;
  /** Members of the answer beside those of RFC 6749 §5.1. */
  readonly answer: Readonly<Record<string, string>>;
};

/** Reads a request of one grant type. @throws OAuthError */
export type ReadGrant = (deps: AuthDeps, asked: Asked) => Grant | Promise<Grant>;
