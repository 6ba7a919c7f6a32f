import { createServiceCalls, type ExchangedTokens, type ServiceTokens } from "../src/service/index.ts";

declare const tokens: ServiceTokens;
declare const exchanged: ExchangedTokens;
const deps = { tokens, exchanged, fetch, now: Date.now };

export const complete = createServiceCalls({ ...deps, caller: "inventory", origins: { auth: "http://auth.test" } });

// @ts-expect-error: products may call inventory, so its origin must be there
createServiceCalls({ ...deps, caller: "products", origins: { auth: "http://auth.test" } });

// @ts-expect-error: nowhere is no declared service
createServiceCalls({ ...deps, caller: "nowhere", origins: {} });

// @ts-expect-error: a token is for a declared service
await tokens.tokenFor("nowhere");

// @ts-expect-error: a call names a declared service
await complete({ callee: "nowhere", path: "charge", input: {}, requestId: "r-1" });

// @ts-expect-error: a call without a request id cannot be followed
await complete({ callee: "auth", path: "me", input: {} });

// @ts-expect-error: without a way to exchange users' tokens a call for a user would have to go out as the service
createServiceCalls({ tokens, fetch, now: Date.now, caller: "inventory", origins: { auth: "http://auth.test" } });
