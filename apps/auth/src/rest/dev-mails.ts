import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { desc, isNotNull } from "drizzle-orm";
import { html } from "hono/html";
import type { RouterDeps } from "../deps.ts";
import { type Html, renderPage } from "../pages/page.ts";
import { mails } from "../schema-mail.ts";

const shown = 50;

/**
 * Adds `GET /auth/dev/mails` where no mail server is configured in development: the mails that would have been sent, the
 * newest first. They hold links that open accounts, so it answers to a browser on this machine alone, and under the name
 * of the public origin: a page of another site that has its own name lead here (DNS rebinding) reads nothing.
 */
export function addDevMails(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  if (deps.mail?.isOutbox !== true) return;
  app.get("/auth/dev/mails", async (c) => {
    const { request, address, requestId } = readArrived(c, chassis);
    if (!isThisMachine.test(address) || hostOf(request) !== new URL(deps.issuer).host) return c.notFound();
    const rows = await deps.db
      .select({ id: mails.id, recipient: mails.recipient, createdAt: mails.createdAt, kept: mails.kept })
      .from(mails)
      .where(isNotNull(mails.kept))
      .orderBy(desc(mails.createdAt), desc(mails.id))
      .limit(shown);
    const articles = rows.map(({ kept, ...row }) =>
      kept === null ? html`` : toArticle({ ...row, ...kept }, deps.issuer),
    );
    const body = rows.length === 0 ? html`<p>No mail yet.</p>` : html`${articles}`;
    return await renderPage(
      { title: "Mails of this development server", body },
      new Headers({ "x-request-id": requestId }),
    );
  });
}

const isThisMachine = /^(127(\.\d{1,3}){3}|::1)$/;

/** The name under which the client asked, as the gateway passes it on. */
function hostOf({ headers, url }: Request): string {
  return headers.get("x-forwarded-host") ?? headers.get("host") ?? new URL(url).host;
}

type ShownMail = {
  readonly recipient: string;
  readonly createdAt: Date;
  readonly subject: string;
  readonly text: string;
};

function toArticle({ recipient, createdAt, subject, text }: ShownMail, issuer: string): Html {
  const parts = text.split(new RegExp(`(${issuer.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}/\\S+)`));
  const linked = parts.map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
  return html`<article>
<h2>${subject}</h2>
<p>To ${recipient}, ${createdAt.toISOString()}</p>
<pre>${linked}</pre>
</article>
`;
}
