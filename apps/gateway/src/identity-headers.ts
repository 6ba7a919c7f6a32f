/**
 * Whether a request header by this name is one that a proxy writes for the server behind it: who calls, from which address,
 * by which certificate, or which other URL or method was meant. Decided by the words of the name, so that the header of
 * a proxy that nobody here has heard of is one, too.
 *
 * @param name in lower case, letters and digits with single hyphens between them
 */
export function isIdentityHeader(name: string): boolean {
  if (harmless.has(name)) return false;
  return vendors.test(name) || phrases.test(name) || name.split("-").some(isClaim) || leads.test(name);
}

/** Names that hold one of the words below and mean something else; then the most common ones, to be found at once. */
const harmless: ReadonlySet<string> = new Set([
  "user-agent",
  "sec-fetch-user",
  "service-worker",
  "service-worker-navigation-preload",
  "x-amzn-trace-id",
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-type",
  "dnt",
  "if-none-match",
  "origin",
  "pragma",
  "priority",
  "referer",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "traceparent",
  "tracestate",
  "trpc-accept",
  "upgrade-insecure-requests",
]);

function isClaim(word: string): boolean {
  return word.length > 1 && (claimParts.test(word) || claimWords.test(word));
}

/** Parts of words, so that `userid`, `remoteuser` and `xuserroles` count. */
const claimParts =
  /user|auth|principal|identit|subject|account|customer|employee|tenant|consumer|caller|group|email|permission|privilege|entitle|capabilit|impersonat|credential|creds|forward|countersign|cert|ssl|tls|saml|oidc|jwt|spiffe|shib|eduperson|kerberos|ntlm|ldap|hasura/;

/** Whole words: as parts they stand in words that mean something else. */
const claimWords =
  /^(uid|gid|sid|oid|aad|usr|whoami|acl|clearance|issuer|audience|company(id)?|workspace(id)?|team(id)?|sub|upn|idp|sso|dn|eppn|xfcc|mail|nameid|login|logon|logged|member(id)?|person(id)?|owner(id)?|operator(id)?|viewer(id)?|actor(id)?|roles?|role(id|s?name)|claims?|scopes?|admins?|isadmin|superadmin|sudo|org(id|name)?|organi[sz]ation(id)?|realm|assertion|behalf|remote|internal|original|rewrite|override|addr|address|(client|socket|real|remote|source|src|peer|origin|true|connecting|viewer|visitor|host|proxy)?ip(s|addr|address)?|remoteaddr(ess)?)$/;

/** Words of a proxy where they come first, with or without `x-`; further on they mean other things. */
const leads =
  /^(x-)?(client|real|true|service|session|cluster|proxy|peer|gateway|trust|trusted|verified|security|internal|middleware|accel|sendfile|request|http-method|method|host|http-host|scheme|url-scheme|token|sm|iv)(-|$)/;

/** Families of one product, whole. */
const vendors =
  /^(x-amzn|x-apigateway|x-appengine|x-envoy|x-istio|x-kong|x-ms-client|x-ms-token|l5d|cf-access|tailscale|x-pomerium)-/;

const phrases =
  /(access|id|refresh|bearer|identity|session)-?token|(display|given|sur|first|last|full|nick|common)-?name|(act|run)-?as(-|$)|token-binding|^front-end-https$/;
