import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
input, button { font: inherit; padding: 0.3rem 0.6rem; }
`;

const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; frame-ancestors 'none'`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demo provider</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Demo provider</h1>
<p>This stands for Google and its like while none is configured. Any address will do; there is no password.</p>
<form method="post">
<p><label>E-mail <input name="email" type="email" value="dana@example.com"></label></p>
<p><button>Sign in</button> <button name="decline" value="1">Decline</button></p>
</form>
</main>
</body>
</html>
`;

/** The page that asks for an address. */
export function signInPage(response: ServerResponse): void {
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(200, { ...headers, "content-security-policy": policy }).end(page);
}
