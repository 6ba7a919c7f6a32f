// passport-jwt with the keys of jwks-rsa.
import jwksRsa from "jwks-rsa";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { algorithm, audience, eachLine, issuer, jwksUrl } from "./each-line.js";

const options = {
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri: jwksUrl }),
  algorithms: [algorithm],
  audience,
  issuer,
};
passport.use(new Strategy(options, (claims, done) => done(null, claims)));
await eachLine(
  (token) =>
    new Promise((resolve, reject) => {
      const done = (error, claims, info) => (claims ? resolve(claims.sub) : reject(error ?? info));
      const handle = passport.authenticate("jwt", { session: false }, done);
      handle({ headers: { authorization: `Bearer ${token}` } }, {}, reject);
    }),
);
