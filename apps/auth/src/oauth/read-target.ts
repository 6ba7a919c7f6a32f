import { isService, mayCall, type ServiceName, userFacingServices } from "@countersign/access";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/**
 * The one service that a token is requested for: by `audience` (RFC 8693 §2.1), or by `resource` (RFC 8707 §2), its URL below
 * the public origin. It must be one that the policy lets the caller call.
 *
 * @throws OAuthError invalid_target
 */
export function readTarget(form: Form, caller: ServiceName, issuer: string): ServiceName {
  const [target, ...others] = readNames(form, issuer);
  if (target === undefined) throw new OAuthError("invalid_target", "audience names the service to be called.");
  if (others.length > 0) throw new OAuthError("invalid_target", "A token is for one service.");
  if (!isService(target)) throw new OAuthError("invalid_target", "There is no such service.");
  if (mayCall(caller, target)) return target;
  throw new OAuthError("invalid_target", "The policy does not let this client call that service.", {
    reason: "not_allowed",
  });
}

/**
 * The services that a user's token is requested for (RFC 8707 §2.2): those that `resource` and `audience` name, all that
 * users may call for the public origin itself, and for a request that names none.
 *
 * @throws OAuthError invalid_target for a service that users do not call, or that is unknown
 */
export function readUserTargets(form: Form, issuer: string): readonly ServiceName[] {
  const names = readNames(form, issuer);
  if (names.length === 0 || names.includes(issuer)) {
    refuseOthers(names.filter((name) => name !== issuer));
    return userFacingServices;
  }
  refuseOthers(names);
  return userFacingServices.filter((service) => names.includes(service));
}

function refuseOthers(names: readonly string[]): void {
  const known: readonly string[] = userFacingServices;
  if (names.every((name) => known.includes(name))) return;
  throw new OAuthError("invalid_target", "There is no such service for users.");
}

/** What `audience` and `resource` name, each once: a service by its name, and anything else as it stands. */
function readNames(form: Form, issuer: string): readonly string[] {
  const prefix = `${issuer}/trpc/`;
  const resources = form.all("resource").map((url) => (url.startsWith(prefix) ? url.slice(prefix.length) : url));
  return [...new Set([...form.all("audience"), ...resources])];
}
