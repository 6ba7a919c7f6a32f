import { router } from "@countersign/context";
import type { RouterDeps } from "./deps.ts";
import { changePassword } from "./procedures/change-password.ts";
import { confirmEmailChange } from "./procedures/confirm-email-change.ts";
import { confirmPasswordReset } from "./procedures/confirm-password-reset.ts";
import { confirmRegistration } from "./procedures/confirm-registration.ts";
import { deleteUser } from "./procedures/delete-user.ts";
import { disableUser } from "./procedures/disable-user.ts";
import { enableUser } from "./procedures/enable-user.ts";
import { exchangeCode } from "./procedures/exchange-code.ts";
import { followRevocations } from "./procedures/follow-revocations.ts";
import { isTokenLive } from "./procedures/is-token-live.ts";
import { linkIdentity } from "./procedures/link-identity.ts";
import { listAudit } from "./procedures/list-audit.ts";
import { listIdentities } from "./procedures/list-identities.ts";
import { listKeys } from "./procedures/list-keys.ts";
import { listProviders } from "./procedures/list-providers.ts";
import { listSessions } from "./procedures/list-sessions.ts";
import { listUsers } from "./procedures/list-users.ts";
import { login } from "./procedures/login.ts";
import { logout } from "./procedures/logout.ts";
import { logoutEverywhere } from "./procedures/logout-everywhere.ts";
import { me } from "./procedures/me.ts";
import { refresh } from "./procedures/refresh.ts";
import { register } from "./procedures/register.ts";
import { reportDenial } from "./procedures/report-denial.ts";
import { requestEmailChange } from "./procedures/request-email-change.ts";
import { requestPasswordReset } from "./procedures/request-password-reset.ts";
import { requestSignIn } from "./procedures/request-sign-in.ts";
import { requestVerification } from "./procedures/request-verification.ts";
import { resetPassword } from "./procedures/reset-password.ts";
import { revokeKey } from "./procedures/revoke-key.ts";
import { revokeSession } from "./procedures/revoke-session.ts";
import { rotateKeys } from "./procedures/rotate-keys.ts";
import { setUserRoles } from "./procedures/set-user-roles.ts";
import { signInByMail } from "./procedures/sign-in-by-mail.ts";
import { undoEmailChange } from "./procedures/undo-email-change.ts";
import { unlinkIdentity } from "./procedures/unlink-identity.ts";
import { unlockUser } from "./procedures/unlock-user.ts";
import { verify } from "./procedures/verify.ts";
import { verifyEmail } from "./procedures/verify-email.ts";

export function createAuthRouter(deps: RouterDeps) {
  return router({
    register: register(deps),
    login: login(deps),
    refresh: refresh(deps),
    logout: logout(deps),
    logoutEverywhere: logoutEverywhere(deps),
    verify: verify(deps),
    me: me(deps),
    changePassword: changePassword(deps),
    mailSignIn: router({
      request: requestSignIn(deps),
      confirm: signInByMail(deps),
    }),
    registration: router({
      confirm: confirmRegistration(deps),
    }),
    email: router({
      requestVerification: requestVerification(deps),
      verify: verifyEmail(deps),
      requestChange: requestEmailChange(deps),
      confirmChange: confirmEmailChange(deps),
      undoChange: undoEmailChange(deps),
    }),
    passwordReset: router({
      request: requestPasswordReset(deps),
      confirm: confirmPasswordReset(deps),
    }),
    sessions: router({
      list: listSessions(deps),
      revoke: revokeSession(deps),
    }),
    tokens: router({
      isLive: isTokenLive(deps),
    }),
    identities: router({
      providers: listProviders(deps),
      list: listIdentities(deps),
      link: linkIdentity(deps),
      unlink: unlinkIdentity(deps),
      exchange: exchangeCode(deps),
    }),
    users: router({
      list: listUsers(deps),
      setRoles: setUserRoles(deps),
      disable: disableUser(deps),
      enable: enableUser(deps),
      resetPassword: resetPassword(deps),
      delete: deleteUser(deps),
      unlock: unlockUser(deps),
    }),
    audit: router({
      list: listAudit(deps),
      report: reportDenial(deps),
    }),
    revocations: router({
      follow: followRevocations(deps),
    }),
    keys: router({
      list: listKeys(deps),
      rotate: rotateKeys(deps),
      revoke: revokeKey(deps),
    }),
  });
}

/** The type that callers import; never the code. */
export type AuthRouter = ReturnType<typeof createAuthRouter>;
