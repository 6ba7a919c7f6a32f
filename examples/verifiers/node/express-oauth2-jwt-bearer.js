// express-oauth2-jwt-bearer finds keys and algorithms by discovery; SCOPE adds `requiredScopes`.
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";
import { audience, eachLine, issuer } from "./each-line.js";

const app = express();
app.use(auth({ issuerBaseURL: issuer, audience }));
if (process.env.SCOPE) app.use(requiredScopes(process.env.SCOPE));
app.get("/", (request, response) => response.send(request.auth.payload.sub));
// biome-ignore lint/suspicious/useAwait: four parameters make it express' error handler
app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(error.message));
const server = await new Promise((resolve) => {
  const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
});
await eachLine(async (token) => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return await answer.text();
});
