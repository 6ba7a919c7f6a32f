/**
 * Whether a client's address is one of the registered. An address of this machine may have any port, which the client gets
 * when it starts to listen (RFC 8252 §7.3); every other one is compared exactly.
 *
 * @param registered such as `shop.example:/signed-in`, `https://app.example.com/signed-in`, `http://127.0.0.1/signed-in`
 */
export function isRegisteredRedirect(address: string, registered: readonly string[]): boolean {
  if (registered.includes(address)) return true;
  const url = URL.parse(address);
  if (url === null || !isLoopback(url) || url.username !== "" || url.password !== "" || address.includes("#"))
    return false;
  url.port = "";
  return registered.some((each) => {
    const own = URL.parse(each);
    return own !== null && isLoopback(own) && own.port === "" && own.href === url.href;
  });
}

/** By number: a name could be made to lead elsewhere (RFC 8252 §8.3). */
function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]");
}
