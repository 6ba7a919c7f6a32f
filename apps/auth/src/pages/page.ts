import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

/** A piece of HTML in which everything that was put in is escaped. */
export type Html = ReturnType<typeof html>;

/** What a page shows, and with which status. */
export type PageContent = { readonly title: string; readonly body: Html; readonly status?: number };

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
label, input, button { display: block; font: inherit; }
input { width: 100%; box-sizing: border-box; margin: 0.25rem 0 1rem; padding: 0.5rem; }
button { padding: 0.5rem 1rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

const styleHash = createHash("sha256").update(style).digest("base64");

/** Nothing but the one style above, and forms that post to this site; no script, no frame, no base. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * A page that a server renders whole. It is kept by no cache, and its address goes nowhere: it may hold a token. With
 * `no-referrer`, which the gateway sends, a browser would post the form with `Origin: null`, so that the page itself says
 * `strict-origin`: the origin and nothing of the address.
 */
export async function renderPage({ title, body, status = 200 }: PageContent, headers: Headers): Promise<Response> {
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("content-security-policy", policy);
  headers.set("cache-control", "no-store");
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="strict-origin">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return new Response(await page, { status, headers });
}
