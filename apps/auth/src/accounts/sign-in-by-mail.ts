import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { tooMany } from "@countersign/service";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { type AccountLink, findAccountLink, linkRefused, useLink } from "../links/use-link.ts";
import { toParams } from "../mail/cause.ts";
import { requireMail } from "../mail/require-mail.ts";
import type { Requester } from "../requester.ts";
import { beginSession } from "../sessions/begin-session.ts";
import { issueTokens } from "../sessions/issue.ts";
import type { Issued } from "../sessions/issued.ts";
import { lockUser } from "./account-change.ts";
import type { SignInRequest } from "./credentials.ts";

/**
 * Sends what an account signs in with: a link or a code, as it is configured. The answer and the work are the same for any
 * address.
 *
 * @returns the id of the request, which goes along with a code
 * @throws Refusal NOT_FOUND where this is off or no mail is sent, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function requestSignIn(deps: AuthDeps, email: string, from: Requester): Promise<string> {
  const mail = requireMail(deps);
  if (deps.signInByMail === "off") throw notOffered();
  const taken = await deps.limits.mailRequest(email, from.address);
  if (!taken.allowed) throw tooMany(taken.quota);
  mail.refuseWhenFull();
  const id = deps.newId();
  await mail.add(deps.db, { id, to: email, template: "sign_in", params: toParams(from), at: deps.now() });
  return id;
}

/** What came by mail, and what the client brought along. */
export type MailSignIn = Omit<SignInRequest, "email" | "password"> & {
  /** The token of a link. */
  readonly token?: string | undefined;
  /** A code, and the request that it answers. */
  readonly code?: string | undefined;
  readonly request?: string | undefined;
};

/**
 * Signs in by a link or a code from a mail. Of many uses at once one wins.
 *
 * @throws Refusal NOT_FOUND (field `token`) when it is over, or this is off; FORBIDDEN (field `code`) for a wrong code;
 * TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE
 */
export async function signInByMail(deps: AuthDeps, wanted: MailSignIn, from: Requester): Promise<Issued> {
  if (deps.signInByMail === "off") throw notOffered();
  const token = await readToken(deps, wanted, from);
  const link = await findAccountLink(deps, { token, purpose: "sign_in", action: "session.started" }, from);
  const counted = await deps.limits.signedIn(link.userId);
  if (!counted.allowed) throw tooMany(counted.quota);
  const signer = deps.keys.signer();
  const { mode, replaces, devices = [] } = wanted;
  const begun = await deps.db.transaction(async (tx) => {
    const { passwordHash, at } = await prove(tx, deps, link);
    const session = await beginSession(tx, deps, { userId: link.userId, passwordHash, mode, replaces, at, from });
    if (session === null) throw linkRefused("account_changed");
    return { ended: session.ended, issued: await issueTokens(deps, session.session, { at, signer }) };
  });
  if (begun.ended > 0) await deps.relay.flush();
  return { ...begun.issued, deviceTokens: deps.knownDevices.remember(link.userId, devices) };
}

/** The token that a link has, or that stands for a code. A code of eight digits is tried five times at most. */
async function readToken(deps: AuthDeps, { token, code, request }: MailSignIn, from: Requester): Promise<string> {
  if (deps.signInByMail === "link") {
    if (token === undefined) throw new Refusal("BAD_REQUEST", "The token of the link is expected.", { field: "token" });
    return token;
  }
  if (code === undefined || request === undefined)
    throw new Refusal("BAD_REQUEST", "The code and the request that it answers are expected.", { field: "code" });
  const taken = await deps.limits.code(request);
  if (!taken.allowed) throw tooMany(taken.quota);
  if (deps.linkTokens.isCode(code, request)) return deps.linkTokens.issue(request, "sign_in");
  if ((await deps.limits.clientFailure(from.address)).allowed) {
    const entry = { action: "session.started", outcome: "refused", reason: "bad_code" } as const;
    await record(deps.db, entry, { at: deps.now(), from });
  }
  throw new Refusal("FORBIDDEN", "The code is wrong.", { field: "code", reason: "bad_code" });
}

async function prove(tx: Database, deps: AuthDeps, link: AccountLink) {
  const { userId, email } = link;
  const user = await lockUser(tx, userId);
  const at = deps.now();
  const moment = new Date(at);
  if (user.status !== "active" || user.email !== email || user.verifiedAt === null)
    throw linkRefused("account_changed");
  if (!(await useLink(tx, link, moment))) throw linkRefused("link_used");
  return { passwordHash: user.passwordHash, at };
}

function notOffered(): Refusal {
  return new Refusal("NOT_FOUND", "Nobody signs in by mail here; use the password.", { reason: "not_offered" });
}
