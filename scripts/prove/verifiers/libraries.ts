import path from "node:path";
import type { Program } from "./program.ts";
import { type LineProgram, verifyLines } from "./verify-lines.ts";
import type { Workspace } from "./workspace.ts";

const source =
  (interpreter: string, file: string): LineProgram["command"] =>
  ({ sources }) => [interpreter, path.join(sources, file)];
const binary =
  (name: string): LineProgram["command"] =>
  ({ folder }: Workspace) => [path.join(folder, "bin", name)];
const module = (name: string, env: Readonly<Record<string, string>> = {}) =>
  verifyLines({
    command: ({ folder }) => [process.execPath, path.join(folder, "node", `${name}.js`)],
    env,
    build: "npm",
  });

/** Leaves the type to the caller, and takes a token without an end. */
const typeAndEnd = ["type", "endless"] as const;
/** Looks at the signature, and leaves the claims to the caller. */
const signatureOnly = ["expired", "audience", "issuer", ...typeAndEnd] as const;

/** Libraries, each in a small program that uses it as its documentation says. */
export const libraries: readonly Program[] = [
  {
    name: "PyJWT",
    from: { debian: "python3-jwt" },
    ignores: typeAndEnd,
    verify: verifyLines({ command: source("/usr/bin/python3", "python/pyjwt.py") }),
  },
  {
    name: "python-jose",
    from: { debian: "python3-jose" },
    refuses: ["EdDSA"],
    ignores: typeAndEnd,
    verify: verifyLines({ command: source("/usr/bin/python3", "python/python_jose.py") }),
  },
  {
    name: "Authlib",
    from: { debian: "python3-authlib" },
    ignores: typeAndEnd,
    verify: verifyLines({ command: source("/usr/bin/python3", "python/authlib_jose.py") }),
  },
  {
    name: "ruby-jwt",
    from: { debian: "ruby-jwt" },
    refuses: ["EdDSA"],
    ignores: typeAndEnd,
    verify: verifyLines({ command: source("ruby", "ruby/ruby_jwt.rb") }),
  },
  {
    name: "json-jwt",
    from: { debian: "ruby-json-jwt" },
    refuses: ["EdDSA"],
    ignores: signatureOnly,
    verify: verifyLines({ command: source("ruby", "ruby/json_jwt.rb") }),
  },
  {
    name: "Crypt::JWT",
    from: { debian: "libcrypt-jwt-perl" },
    refuses: ["list"],
    ignores: ["type"],
    verify: verifyLines({ command: source("perl", "perl/crypt_jwt.pl") }),
  },
  {
    name: "golang-jwt",
    from: { debian: "golang-github-golang-jwt-jwt-dev" },
    ignores: typeAndEnd,
    verify: verifyLines({ command: binary("golang_jwt"), build: "go" }),
  },
  {
    name: "golang-jwt, StandardClaims",
    from: { debian: "golang-github-golang-jwt-jwt-dev" },
    refuses: ["list"],
    ignores: typeAndEnd,
    verify: verifyLines({ command: binary("golang_jwt"), env: { CLAIMS: "StandardClaims" }, build: "go" }),
  },
  {
    name: "go-jose",
    from: { debian: "golang-gopkg-square-go-jose.v2-dev" },
    ignores: typeAndEnd,
    verify: verifyLines({ command: binary("go_jose"), build: "go" }),
  },
  {
    name: "jsonwebtoken (Rust)",
    from: { debian: "librust-jsonwebtoken-dev" },
    ignores: ["type"],
    verify: verifyLines({ command: binary("rust"), build: "rust" }),
  },
  {
    name: "Erlang jose",
    from: { debian: "erlang-jose" },
    ignores: signatureOnly,
    verify: verifyLines({ command: source("escript", "erlang/jose.escript") }),
  },
  {
    name: "libjwt",
    from: { debian: "libjwt-dev" },
    refuses: ["EdDSA"],
    refusesType: true,
    verify: verifyLines({ command: binary("libjwt"), build: "libjwt" }),
  },
  {
    name: "cjose",
    from: { debian: "libcjose-dev" },
    refuses: ["EdDSA"],
    ignores: signatureOnly,
    verify: verifyLines({ command: binary("cjose"), build: "cjose" }),
  },
  {
    name: "express-oauth2-jwt-bearer",
    from: { npm: "express-oauth2-jwt-bearer" },
    ignores: ["type"],
    verify: module("express-oauth2-jwt-bearer"),
  },
  {
    name: "express-oauth2-jwt-bearer, requiredScopes",
    from: { npm: "express-oauth2-jwt-bearer" },
    refuses: ["service"],
    ignores: ["type"],
    verify: module("express-oauth2-jwt-bearer", { SCOPE: "orders:read" }),
  },
  { name: "aws-jwt-verify", from: { npm: "aws-jwt-verify" }, ignores: typeAndEnd, verify: module("aws-jwt-verify") },
  { name: "jwks-rsa", from: { npm: "jwks-rsa" }, refuses: ["EdDSA"], ignores: typeAndEnd, verify: module("jwks-rsa") },
  { name: "fast-jwt", from: { npm: "fast-jwt" }, ignores: typeAndEnd, verify: module("fast-jwt") },
  {
    name: "passport-jwt",
    from: { npm: "passport-jwt" },
    refuses: ["EdDSA"],
    ignores: typeAndEnd,
    verify: module("passport-jwt"),
  },
  { name: "oauth4webapi", from: { npm: "oauth4webapi" }, verify: module("oauth4webapi") },
  { name: "better-auth", from: { npm: "better-auth" }, ignores: typeAndEnd, verify: module("better-auth") },
];
