import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { describeVerifier } from "./foreign/describe-verifier.ts";
import { python, pythonCommand } from "./foreign/examples.ts";
import { createForge } from "./foreign/forge.ts";

const issuer = "http://issuer.test";

/** What people write who have read the first page of PyJWT. */
const naiveVerifier = `
import sys, jwt
pem, *tokens = sys.stdin.read().split("\\0")
for token in tokens:
    try:
        jwt.decode(token, pem, algorithms=["ES256"], audience="orders", issuer="${issuer}", leeway=5)
        print("passed")
    except Exception as error:
        print(type(error).__name__)
`;

/** The same in every version of PyJWT. */
const leftOpen = [
  "the class of a service",
  "the class of a delegated token",
  "no class",
  "no end",
  "a life of an hour",
  "an end in milliseconds",
  "an end that is no number",
  "no beginning",
  "no id",
  "no session",
  "roles that are one string",
  "the permissions of a delegated token",
  "an actor, where nobody acts",
  "another type",
  "the type of an assertion",
  "no type",
  "no key id",
  "a key of its own",
  "an address of keys",
];

describeVerifier(python);

describe.skipIf(python.missing !== "")(`PyJWT alone${python.missing}`, () => {
  it("asked for algorithm, issuer and audience, lets these through", () => {
    const { publicKey, wrongs, token } = createForge(issuer);
    const pem = publicKey.export({ type: "spki", format: "pem" });
    const tokens = wrongs.map(([, head, claims]) => token(head, claims));
    const naive = spawnSync(pythonCommand ?? "", ["-c", naiveVerifier], {
      input: [pem, ...tokens].join("\0"),
      encoding: "utf8",
    });
    const through = wrongs.filter((_, index) => naive.stdout.split("\n")[index] === "passed").map(([name]) => name);
    expect(through).toEqual(expect.arrayContaining(leftOpen));
  });
});
