/**
 * A page of ours that goes on to `url` by itself. A browser that comes from another site brings no cookie that is
 * SameSite=Strict, and a redirect does not change that: the other site still counts as the one that asked. This page is
 * ours, so that what it asks for is same-site. It runs no script and loads nothing.
 *
 * @param url a path of this site, with its query
 */
export function refreshPage(url: string, headers: Headers): Response {
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  headers.set("referrer-policy", "no-referrer");
  const to = escapeHtml(url);
  const body = `<!doctype html><title>One moment</title><meta http-equiv="refresh" content="0;url=${to}"><a href="${to}">Go on</a>`;
  return new Response(body, { headers });
}

/** Text as it stands in HTML, in an attribute with quotes too. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replace(/[<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
