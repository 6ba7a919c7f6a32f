// aws-jwt-verify fetches keys over https alone; the issuer may be http. With `audience: null` it would look at none.
import { JwtVerifier } from "aws-jwt-verify";
import { audience, eachLine, issuer } from "./each-line.js";

const verifier = JwtVerifier.create({ issuer, audience, jwksUri: process.env.JWKS_HTTPS_URL });
await eachLine(async (token) => (await verifier.verify(token)).sub);
