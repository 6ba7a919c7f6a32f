// better-auth's verifier of access tokens, for a server beside one of better-auth's own.
import { verifyJwsAccessToken } from "better-auth/oauth2";
import { audience, eachLine, issuer, jwksUrl } from "./each-line.js";

const options = { jwksFetch: jwksUrl, verifyOptions: { audience, issuer } };
await eachLine(async (token) => (await verifyJwsAccessToken(token, options)).sub);
