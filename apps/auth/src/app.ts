import { fileURLToPath } from "node:url";
import { checkDatabase, createServiceApp, type ServiceApp } from "@countersign/service";
import { checkSigning } from "./keys/check-signing.ts";
import type { Auth } from "./open-auth.ts";
import { addConfirm } from "./rest/confirm.ts";
import { addContinue } from "./rest/continue.ts";
import { addDevMails } from "./rest/dev-mails.ts";
import { addDocuments } from "./rest/documents.ts";
import { exchangeRoute } from "./rest/exchange.ts";
import { post } from "./rest/face.ts";
import { logoutRoute } from "./rest/logout.ts";
import { addOAuth } from "./rest/oauth.ts";
import { addProviders } from "./rest/providers.ts";
import { refreshRoute } from "./rest/refresh.ts";
import { addReset } from "./rest/reset.ts";
import { loginRoute, registerRoute } from "./rest/sign-in.ts";
import { addSignInByMail } from "./rest/sign-in-by-mail.ts";
import { verifyRoute } from "./rest/verify.ts";
import { createAuthRouter } from "./router.ts";
import { addSsf } from "./ssf/add-ssf.ts";

export { demoStateOf, demoUsers, refuseDemoAccounts } from "./accounts/demo-accounts.ts";
export { keepUp } from "./keep-up.ts";
export { type Auth, type AuthOptions, openAuth } from "./open-auth.ts";
export type { ProviderSettings } from "./providers/provider-settings.ts";
export { readProviders } from "./providers/read-providers.ts";
export { createAuthRouter } from "./router.ts";
export { secretsOf } from "./secrets/secrets-of.ts";
export { seedUsers } from "./seed.ts";
export { provisionServices } from "./services/provision.ts";
export { type CheckpointSettings, checkpointsOf, confirmsRegistrationOf, mailOf, sessionLifeOf } from "./settings.ts";

/** The folder of the migrations, an absolute path. */
export const migrationsFolder = fileURLToPath(new URL("../drizzle", import.meta.url));

/**
 * The auth service, to be run by `serve` or called in process: the procedures, the REST face over the same functions,
 * the OAuth endpoints and the published documents. One call per batch: a request carries one attempt to sign in.
 */
export function createApp({ chassis, deps, database }: Auth): ServiceApp {
  const app = createServiceApp(chassis, createAuthRouter(deps), {
    maxBatchSize: 1,
    checks: { database: checkDatabase(database, "auth"), signing: checkSigning(deps) },
    details: { signing: () => deps.keys.signing() },
  });
  post(app, chassis, ["/auth/register", registerRoute(deps)]);
  post(app, chassis, ["/auth/login", loginRoute(deps)]);
  post(app, chassis, ["/auth/refresh", refreshRoute(deps)]);
  post(app, chassis, ["/auth/logout", logoutRoute(deps, chassis.verifier)]);
  post(app, chassis, ["/auth/verify", verifyRoute(deps)]);
  addReset(app, chassis, deps);
  addConfirm(app, chassis, deps);
  addSignInByMail(app, chassis, deps);
  addDevMails(app, chassis, deps);
  post(app, chassis, ["/auth/exchange", exchangeRoute(deps)]);
  addContinue(app, chassis, deps);
  addProviders(app, chassis, deps);
  addOAuth(app, chassis, deps);
  addSsf(app, chassis, deps);
  addDocuments(app, deps);
  return app;
}
