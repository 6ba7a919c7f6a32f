import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { html } from "hono/html";
import { confirmEmailChange } from "../accounts/change-email.ts";
import { confirmRegistration } from "../accounts/confirm-registration.ts";
import { undoEmailChange } from "../accounts/undo-email-change.ts";
import { verifyEmail } from "../accounts/verify-email.ts";
import type { RouterDeps } from "../deps.ts";
import { confirmRegistrationInput, linkInput, verifyEmailInput } from "../inputs.ts";
import { lookAtLink } from "../links/use-link.ts";
import { type LinkPage, linkPage, overPage } from "../pages/link-page.ts";
import { renderPage } from "../pages/page.ts";
import type { LinkPurpose } from "../schema-links.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver } from "../sessions/deliver.ts";
import { postForm } from "./form-face.ts";

const passwordField = (label: string) => html`<label for="password">${label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
`;

const registration: LinkPage = {
  title: "Finish your registration",
  action: "/auth/register/confirm",
  button: "Finish",
  fields: passwordField("The password that you chose"),
};

const verification: LinkPage = {
  title: "Confirm your e-mail address",
  action: "/auth/email/verify",
  button: "Mail reaches me",
  fields: passwordField("The password of the account"),
};

const emailChange: LinkPage = {
  title: "Confirm your new e-mail address",
  action: "/auth/email/change",
  button: "Use this address for my account",
};

const emailUndo: LinkPage = {
  title: "Take the change of your e-mail address back",
  action: "/auth/email/undo",
  button: "Take it back, and sign out everywhere",
};

/**
 * Adds what the links in mails to new accounts lead to. A GET shows a form and uses nothing up; the POST, as a form or as
 * JSON, makes the account of a registration that waited, writes down that the mailbox is proved, or changes the address of
 * an account and takes such a change back.
 */
export function addConfirm(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  getLink(app, { chassis, deps }, { purpose: "register", page: registration });
  postForm(app, chassis, {
    path: registration.action,
    input: confirmRegistrationInput,
    async act(input, { request, from, headers }) {
      const issued = await confirmRegistration(deps, { ...input, ...broughtBy(deps, request, input) }, from);
      return deliver(issued, input.mode, { ...deps, headers });
    },
    done: { title: "Welcome", body: html`<p>Your account is ready, and you are signed in.</p>` },
    again: ({ token = "" }, problem) => linkPage(registration, token, problem),
  });
  getLink(app, { chassis, deps }, { purpose: "verify", page: verification });
  postForm(app, chassis, {
    path: verification.action,
    input: verifyEmailInput,
    async act(input, { from }) {
      await verifyEmail(deps, input, from);
      return { ok: true };
    },
    done: { title: "Thank you", body: html`<p>Your e-mail address is confirmed.</p>` },
    again: ({ token = "" }, problem) => linkPage(verification, token, problem),
  });
  getLink(app, { chassis, deps }, { purpose: "change", page: emailChange });
  postForm(app, chassis, {
    path: emailChange.action,
    input: linkInput,
    async act({ token }, { from }) {
      await confirmEmailChange(deps, token, from);
      return { ok: true };
    },
    done: { title: "Thank you", body: html`<p>Your account has this address now. Sign in with it.</p>` },
    again: ({ token = "" }, problem) => linkPage(emailChange, token, problem),
  });
  getLink(app, { chassis, deps }, { purpose: "undo", page: emailUndo });
  postForm(app, chassis, {
    path: emailUndo.action,
    input: linkInput,
    act: async ({ token }, { from }) => ({ sessionsEnded: await undoEmailChange(deps, token, from) }),
    done: {
      title: "The change was taken back",
      body: html`<p>Every device was signed out, and the password counts no more. A mail with a link for a new one is on
its way.</p>`,
    },
    again: ({ token = "" }, problem) => linkPage(emailUndo, token, problem),
  });
}

type Served = { readonly chassis: Chassis; readonly deps: RouterDeps };
type Linked = { readonly purpose: LinkPurpose; readonly page: LinkPage };

function getLink(app: ServiceApp, { chassis, deps }: Served, { purpose, page }: Linked): void {
  app.get(page.action, async (c) => {
    const { request, requestId } = readArrived(c, chassis);
    const token = new URL(request.url).searchParams.get("token") ?? "";
    const isOpen = (await lookAtLink(deps, { token, purpose })) !== null;
    return await renderPage(
      isOpen ? linkPage(page, token) : overPage(page.title),
      new Headers({ "x-request-id": requestId }),
    );
  });
}
