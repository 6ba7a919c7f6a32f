import { html } from "hono/html";
import { type LinkPage, linkPage } from "./link-page.ts";
import type { PageContent } from "./page.ts";
import { problemLine } from "./problem-line.ts";

const title = "Sign in by mail";

/** Asks for the address that a mail is to go to. */
export function askPage(problem: string | null = null): PageContent {
  const body = html`${problemLine(problem)}<form method="post" action="/auth/sign-in/mail">
<label for="email">Your e-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="254" required>
<button>Send me a mail</button>
</form>`;
  return { title, body };
}

/** The same for an address with an account and one without. */
export const askedPage: PageContent = {
  title: "Look into your mailbox",
  body: html`<p>If there is an account with this address, a mail with a link is on its way. The link is good for
10 minutes.</p>`,
};

/** Takes the code that answers a request. */
export function codePage(request: string, problem: string | null = null): PageContent {
  const body = html`${problemLine(problem)}<p>If there is an account with this address, a mail with a code is on its way.</p>
<form method="post" action="/auth/sign-in/mail/confirm">
<input name="request" type="hidden" value="${request}">
<label for="code">The code, good for 10 minutes</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required>
<button>Sign in</button>
</form>`;
  return { title, body };
}

/** Where the link of a mail leads. */
export const signInLink: LinkPage = { title, action: "/auth/sign-in/mail/confirm", button: "Sign in" };

/** After a form that held a link or a code was refused. */
export function againPage({ token, request = "" }: Readonly<Record<string, string>>, problem: string): PageContent {
  return token === undefined ? codePage(request, problem) : linkPage(signInLink, token, problem);
}

export const signedInPage: PageContent = { title: "Welcome", body: html`<p>You are signed in.</p>` };
