import { directProcedure, Refusal } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { randomSecret } from "../providers/browser-secret.ts";
import { callbackOf } from "../providers/create-provider.ts";
import { beginSignIn } from "../providers/pending-sign-ins.ts";
import { problems, SignInProblem } from "../providers/problem.ts";
import { readSafePath } from "../rest/safe-path.ts";

const input = z.object({ provider: z.string().max(64), to: z.string().default("/") });

/**
 * Begins to link a provider to the user's account, and gives the address to go to there. It takes effect in the same browser
 * alone, which gets a cookie for it, while this session lasts. NOT_FOUND for a provider that is not configured, BAD_REQUEST
 * (field `to`), SERVICE_UNAVAILABLE when the provider does not answer.
 */
export const linkIdentity = (deps: RouterDeps) =>
  directProcedure
    .meta({ freshness: "live", limits: [{ by: "user", calls: 30, perSeconds: 60 }] })
    .input(input)
    .mutation(async ({ ctx, input: { provider: name, to: given } }): Promise<{ url: string }> => {
      const provider = deps.providers.get(name);
      if (provider === undefined) throw new Refusal("NOT_FOUND", "There is no such provider.", { field: "provider" });
      const to = readSafePath(given, deps.issuer);
      if (to === null) throw new Refusal("BAD_REQUEST", "`to` is not a path of this site.", { field: "to" });
      const browser = randomSecret();
      const purpose = { kind: "link", userId: ctx.user.id, sessionId: ctx.user.sessionId } as const;
      const secrets = await beginSignIn(deps, { provider: name, to, purpose }, browser);
      try {
        const url = await provider.authorizationUrl(callbackOf(deps.issuer, name), secrets);
        ctx.responseHeaders.append("set-cookie", deps.browserCookie.set(browser));
        return { url: url.href };
      } catch (error) {
        if (!(error instanceof SignInProblem)) throw error;
        const text = problems[error.code].text.replaceAll("{provider}", provider.label);
        throw new Refusal("SERVICE_UNAVAILABLE", text, { reason: `provider_${error.code}`, cause: error });
      }
    });
