import { html } from "hono/html";
import { renderPage } from "../pages/page.ts";
import { problems, type SignInProblem } from "../providers/problem.ts";

/** The provider that was asked, and the safe path that the person wanted to go to. */
export type ProblemAt = { readonly name: string; readonly label: string; readonly to: string };

/** The page that tells a person why a sign-in with a provider did not come about, with a way back and a way to try again. */
export function problemPage(
  { code }: SignInProblem,
  { name, label, to }: ProblemAt,
  headers: Headers,
): Promise<Response> {
  const { status, text } = problems[code];
  const again = `/auth/${name}?to=${encodeURIComponent(to)}`;
  const body = html`<p>${text.replaceAll("{provider}", label)}</p>
<p><a href="${to}">Back</a> · <a href="${again}">Try ${label} again</a></p>`;
  return renderPage({ title: "This did not work", body, status }, headers);
}
