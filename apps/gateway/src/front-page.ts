import { createHash } from "node:crypto";
import { serviceNames } from "@countersign/access";
import type { Answer } from "@countersign/service";
import type { Health } from "./health.ts";

export type FrontPage = {
  readonly publicOrigin: string;
  readonly health: Health;
  /** Whether to name the demo users. */
  readonly demo: boolean;
  /** Whether to lead to the demo provider. */
  readonly demoProvider: boolean;
};

/** The page at `/`: what runs here, where it is called, and whether it is ready. It loads nothing and runs no script. */
export function renderFrontPage({ publicOrigin, health, demo, demoProvider }: FrontPage): Answer {
  const rows = [
    row("gateway", publicOrigin, health.status),
    ...serviceNames.map((name) => row(name, `${publicOrigin}/trpc/${name}`, health.services[name])),
  ];
  const headers = new Map([
    ["content-type", "text/html; charset=utf-8"],
    ["cache-control", "no-store"],
    ["content-security-policy", policy],
  ]);
  return {
    status: 200,
    headers,
    body: page(rows.join("\n"), (demo ? demoHint : "") + (demoProvider ? providerHint : "")),
  };
}

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption, th, td { text-align: left; }
caption { padding-bottom: 0.5rem; }
th, td { padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid; }
code { overflow-wrap: anywhere; }
`;

const styleHash = createHash("sha256").update(style).digest("base64");

/** Nothing but the one style above; no frame, no form, no base. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const demoHint = `<h2>Try it</h2>
<p>Run <code>npm run demo</code> beside this to see a user sign in and place an order across the services. The demo
users are <code>alice@example.com</code>, <code>bob@example.com</code> and <code>admin@example.com</code>; their
passwords were printed at the start and stand in the README.</p>`;

const providerHint = `
<p><a href="/auth/demo?to=/trpc/auth/me">Sign in with the demo provider</a>, which stands for Google and its like until one is
configured; the page after it shows who you are.</p>`;

function row(name: string, url: string, health: string): string {
  return `<tr><th scope="row">${escape(name)}</th><td><code>${escape(url)}</code></td><td>${escape(health)}</td></tr>`;
}

function page(rows: string, hint: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Countersign</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Countersign</h1>
<p>Typed identity for tRPC microservices. This is the gateway, the one public door to the services below.</p>
<table>
<caption>What runs here</caption>
<thead><tr><th scope="col">Service</th><th scope="col">URL</th><th scope="col">Health</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
${hint}
</main>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
