import { html } from "hono/html";
import { type LinkPage, linkPage } from "./link-page.ts";
import type { PageContent } from "./page.ts";
import { problemLine } from "./problem-line.ts";

/** Asks for the address that a mail is to go to. */
export function askPage(problem: string | null = null): PageContent {
  const body = html`${problemLine(problem)}<form method="post" action="/auth/reset">
<label for="email">Your e-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="254" required>
<button>Send me a link</button>
</form>`;
  return { title: "Choose a new password", body };
}

/** The same for an address with an account and one without. */
export const askedPage: PageContent = {
  title: "Look into your mailbox",
  body: html`<p>If there is an account with this address, a mail with a link is on its way. The link is good for
30 minutes.</p>`,
};

/** Takes the new password. */
export function choosePage(token: string, problem: string | null = null): PageContent {
  return linkPage(choice, token, problem);
}

const choice: LinkPage = {
  title: "Choose a new password",
  action: "/auth/reset/confirm",
  button: "Set the password and sign out everywhere",
  fields: html`<label for="password">New password, at least 8 characters</label>
<input id="password" name="newPassword" type="password" autocomplete="new-password" minlength="8" required>
`,
};

export const chosenPage: PageContent = {
  title: "Your password was changed",
  body: html`<p>Every device was signed out. Sign in with the new password.</p>`,
};
