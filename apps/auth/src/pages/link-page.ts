import { html } from "hono/html";
import type { Html, PageContent } from "./page.ts";
import { problemLine } from "./problem-line.ts";

/** The page behind a link: a form whose button acts, since programs that look through mail follow links. */
export type LinkPage = {
  readonly title: string;
  readonly action: string;
  readonly button: string;
  /** What stands between the problem and the button. */
  readonly fields?: Html;
};

/** Renders it for a token; `problem` says why the form was not taken the time before. */
export function linkPage(
  { title, action, button, fields = html`` }: LinkPage,
  token: string,
  problem: string | null = null,
): PageContent {
  const body = html`${problemLine(problem)}<form method="post" action="${action}">
<input name="token" type="hidden" value="${token}">
${fields}<button>${button}</button>
</form>`;
  return { title, body };
}

/** Shown for a link that is over. */
export function overPage(title: string): PageContent {
  return { title, body: html`<p>This link has expired or was used already.</p>`, status: 404 };
}
