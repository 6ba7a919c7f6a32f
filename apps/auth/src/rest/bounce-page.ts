/**
 * A page that goes to `/auth/continue` once more by itself. Whoever follows a link of another site brings no cookie that
 * is SameSite=Strict, and a redirect does not change that: the browser still counts the other site as the one that asked.
 * This page is ours, so that what it asks for is same-site.
 *
 * @param to a safe path, as `readSafePath` gives it: it holds no quote and no angle bracket that is not escaped
 */
export function bouncePage(to: string, headers: Headers): Response {
  const url = `/auth/continue?again=1&amp;to=${encodeURIComponent(to).replaceAll("'", "%27")}`;
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  const body = `<!doctype html><title>One moment</title><meta http-equiv="refresh" content="0;url=${url}">`;
  return new Response(body, { headers });
}
