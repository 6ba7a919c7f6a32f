// jwks-rsa finds the key by `kid`, jsonwebtoken verifies with it.
import jwt from "jsonwebtoken";
import jwksRsa from "jwks-rsa";
import { algorithm, audience, eachLine, issuer, jwksUrl } from "./each-line.js";

const keys = jwksRsa({ jwksUri: jwksUrl });
const keyOf = ({ kid }, done) =>
  keys.getSigningKey(kid).then(
    (key) => done(null, key.getPublicKey()),
    (error) => done(error),
  );
await eachLine(
  (token) =>
    new Promise((resolve, reject) => {
      const options = { algorithms: [algorithm], audience, issuer };
      jwt.verify(token, keyOf, options, (error, claims) => (error ? reject(error) : resolve(claims.sub)));
    }),
);
