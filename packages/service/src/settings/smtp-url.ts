/** A mail server, as `SMTP_URL` names it. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, STARTTLS before anything else is said, or no TLS. */
  readonly security: "tls" | "starttls" | "none";
  readonly user: string | null;
  readonly password: string | null;
};

/**
 * Reads the URL of a mail server. `smtps:` is TLS from the first byte (port 465). `smtp:` demands STARTTLS (port 587),
 * except to this machine, where nobody listens in, or where `?insecure=plaintext` says that it is meant.
 *
 * @returns the server, or a sentence that follows the name of the variable
 */
export function readSmtpUrl(given: string): SmtpServer | string {
  const url = URL.parse(given);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === "") return hint;
  if (!/^\/?$/.test(url.pathname) || url.hash !== "") return hint;
  const isPlaintext = url.search === "?insecure=plaintext";
  if (url.search !== "" && !isPlaintext) return 'takes nothing behind the "?" but insecure=plaintext';
  const user = decode(url.username);
  const password = decode(url.password);
  if (user === null || password === null) return "has a user or a password with a % that encodes nothing";
  if ((user === "") !== (password === "")) return "names a user and a password, or neither of the two";
  const isTls = url.protocol === "smtps:";
  if (isTls && isPlaintext) return "is smtps:, which is never plaintext; it is smtp: with insecure=plaintext";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const standard = isTls ? 465 : 587;
  const port = url.port === "" ? standard : Number(url.port);
  const withoutTls = isPlaintext || isLoopback(host) ? "none" : "starttls";
  const security = isTls ? "tls" : withoutTls;
  return { host, port, security, user: user || null, password: password || null };
}

const hint = 'is a URL such as "smtps://user:password@mail.example.com" or "smtp://user:password@mail.example.com:587"';

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // half an escape
  }
}

/** The sender of mails: an address, and the name that readers show beside it. */
export type MailSender = { readonly name: string; readonly address: string };

/**
 * Reads a sender such as `no-reply@shop.example.com` or `Shop <no-reply@shop.example.com>`.
 *
 * @returns null for anything else
 */
export function readMailSender(given: string): MailSender | null {
  const [, name = "", bracketed, plain] = senderShape.exec(given) ?? [];
  const address = bracketed ?? plain;
  return address === undefined ? null : { name: name.trim(), address };
}

const senderShape =
  /^(?:([\p{L}\p{N} .'&-]{0,100})<([\w.+-]{1,64}@[a-z0-9.-]{1,253})>|([\w.+-]{1,64}@[a-z0-9.-]{1,253}))$/iu;
