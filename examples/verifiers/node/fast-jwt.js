// fast-jwt with one key of the set as PEM.
import { readFileSync } from "node:fs";
import { createVerifier } from "fast-jwt";
import { algorithm, audience, eachLine, issuer } from "./each-line.js";

const verify = createVerifier({
  key: readFileSync(process.env.KEY_FILE, "utf8"),
  algorithms: [algorithm],
  allowedAud: audience,
  allowedIss: issuer,
});
await eachLine(async (token) => verify(token).sub);
