import type { ServiceName } from "@countersign/access";
import type { AccessClaims, DelegatedClaims, ServiceClaims } from "@countersign/tokens";
import type { AuditEntry } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Form } from "./read-form.ts";

/** RFC 6749 §5.1 and RFC 8693 §2.2.1; the life in seconds. */
export type TokenAnswer = {
  readonly access_token: string;
  readonly issued_token_type?: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope?: string;
};

/** What is asked for, by whom, and when (milliseconds). */
export type Asked = { readonly caller: ServiceName; readonly form: Form; readonly at: number };

/** What a request for a token comes to, if the client and the token that it is based on turn out to be good. */
export type Grant = {
  /** What the new token will say. */
  readonly claims: ServiceClaims | DelegatedClaims;
  /** The token that it is based on. */
  readonly subject?: AccessClaims;
  readonly entry: AuditEntry;
  /** What the answer says beside the token and its life. */
  readonly answer?: Pick<TokenAnswer, "issued_token_type">;
};

/** Reads a request of one grant type. @throws OAuthError */
export type ReadGrant = (deps: AuthDeps, asked: Asked) => Grant | Promise<Grant>;
