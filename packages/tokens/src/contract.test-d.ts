import type { AccessClaims, DelegatedClaims, ServiceClaims, UserClaims } from "./claims.ts";
import { generateSigningKey } from "./generate-signing-key.ts";
import type { PublicJwk } from "./jwk.ts";
import { signAccessToken } from "./sign.ts";
import type { SigningKey } from "./signing-key.ts";
import { type TokenPolicy, verifyCompact } from "./verify.ts";

declare const claims: AccessClaims;
declare const key: SigningKey;
declare const user: UserClaims;
declare const service: ServiceClaims;
declare const policy: TokenPolicy;
declare const jwk: PublicJwk;

// @ts-expect-error: a service's token has no session, so its class must be told first
void claims.sessionId;
// @ts-expect-error: only a delegated token has an actor
void user.actor;
if (claims.class === "delegated") void (claims satisfies DelegatedClaims);
if (claims.class === "user") void (claims.roles satisfies readonly string[]);

// @ts-expect-error: the class and the claims must fit each other
signAccessToken({ ...service, class: "user" }, key);
// @ts-expect-error: verified claims are not to be changed
user.roles.push("admin");

// @ts-expect-error: a shared secret is no key pair
generateSigningKey("HS256");
// @ts-expect-error: there is no unsigned token
void { ...policy, algorithms: ["none"] } satisfies TokenPolicy;
// @ts-expect-error: there are three classes
void { ...policy, classes: ["admin"] } satisfies TokenPolicy;

declare const keys: Parameters<typeof verifyCompact>[1];
// @ts-expect-error: no policy, no verification
verifyCompact("token", keys);
// @ts-expect-error: a policy states everything; only the tolerance has a value of its own
verifyCompact("token", keys, { issuer: "i", audience: "a", algorithms: ["RS256"], now: () => 0 });

// @ts-expect-error: a public key has no private member
void jwk.d;
