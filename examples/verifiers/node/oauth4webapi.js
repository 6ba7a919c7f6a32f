// oauth4webapi holds tokens to RFC 9068, with what discovery says of the issuer.
import * as oauth from "oauth4webapi";
import { audience, eachLine, issuer } from "./each-line.js";

const insecure = { [oauth.allowInsecureRequests]: true };
const url = new URL(issuer);
const found = await oauth.discoveryRequest(url, { algorithm: "oauth2", ...insecure });
const server = await oauth.processDiscoveryResponse(url, found);
await eachLine(async (token) => {
  const request = new Request("http://service.test/", { headers: { authorization: `Bearer ${token}` } });
  return (await oauth.validateJwtAccessToken(server, request, audience, insecure)).sub;
});
