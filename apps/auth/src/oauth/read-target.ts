import { isService, mayCall, type ServiceName } from "@countersign/access";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/**
 * The one service that a token is asked for: by `audience` (RFC 8693 §2.1), or by `resource` (RFC 8707 §2), its URL below
 * the public origin. It must be one that the policy lets the caller call.
 *
 * @throws OAuthError invalid_target
 */
export function readTarget(form: Form, caller: ServiceName, issuer: string): ServiceName {
  const target = readName(form, `${issuer}/trpc/`);
  if (!isService(target)) throw new OAuthError("invalid_target", "There is no such service.");
  if (mayCall(caller, target)) return target;
  throw new OAuthError("invalid_target", "The policy does not let this client call that service.", {
    reason: "not_allowed",
  });
}

function readName(form: Form, prefix: string): string {
  const resource = form.get("resource");
  const named = resource?.startsWith(prefix) ? resource.slice(prefix.length) : resource;
  const audience = form.get("audience") ?? named;
  if (audience === undefined) throw new OAuthError("invalid_target", "audience names the service to be called.");
  if (named === undefined || named === audience) return audience;
  throw new OAuthError("invalid_target", "audience and resource differ.");
}
