import type { ServiceName } from "@countersign/access";
import { type Access, type DeclaredProcedure, walkRouter } from "@countersign/context";
import { createServiceApp } from "@countersign/service";
import type { AnyRouter } from "@trpc/server";
import { beforeAll, describe, expect, it } from "vitest";
import { callProcedure, type ProcedureAnswer } from "./call-procedure.ts";
import { badCredentials, notAllowed, someoneAllowed } from "./credentials.ts";
import type { InProcessApp } from "./in-process-fetch.ts";
import { createTestChassis } from "./test-chassis.ts";
import { createTestIssuer, type TestIssuer } from "./test-issuer.ts";

/**
 * Registers, for every procedure that the router declares, the refusals that it owes: every bad credential is
 * UNAUTHORIZED with one generic answer, every good one that is not allowed FORBIDDEN, malformed input BAD_REQUEST and a
 * body that is too big PAYLOAD_TOO_LARGE. A new procedure gets them by being in the router.
 *
 * @param router built from `inertDeps()`: refusals come before any handler
 */
export function describeRefusals(service: ServiceName, router: AnyRouter): void {
  let app: InProcessApp;
  let issuer: TestIssuer;
  let forger: TestIssuer;
  beforeAll(async () => {
    [issuer, forger] = await Promise.all([createTestIssuer(), createTestIssuer()]);
    app = createServiceApp(createTestChassis(service, { issuer }), router);
  });

  describe.each(walkRouter(router).map((procedure) => ({ name: `${service}.${procedure.path}`, procedure })))(
    "$name refuses",
    ({ procedure }) => {
      const { path, type } = procedure;
      const access = declaredAccess(procedure);

      it.each(badCredentials)("$name as a bad credential", async ({ header }) => {
        const authorization = await header({ service, issuer, forger });
        expectBadCredential(await callProcedure(app, path, { type, headers: { authorization } }), service);
      });

      if (access.kind !== "public") {
        it("a call without a credential", async () => {
          const answer = await callProcedure(app, path, { type });
          expect(answer).toMatchObject({ status: 401, error: { data: { code: "UNAUTHORIZED" } } });
          // a credential that is not there cannot be bad
          expect(answer.headers.get("www-authenticate")).toBe(`Bearer ${whereOf(service)}`);
        });
      }

      it.each(notAllowed(access, service))("$name as not allowed", async ({ token }) => {
        const answer = await callProcedure(app, path, { type, token: await token(issuer) });
        expect(answer).toMatchObject({ status: 403, error: { data: { code: "FORBIDDEN" } } });
      });

      if (takesInput(router, path)) {
        it("malformed input", async () => {
          const token = await someoneAllowed(access, service)?.(issuer);
          const answer = await callProcedure(app, path, { type, input: 42, ...(token === undefined ? {} : { token }) });
          const error = { data: { code: "BAD_REQUEST", fields: expect.any(Array) } };
          expect(answer).toMatchObject({ status: 400, error });
        });
      }
    },
  );

  it(`${service} refuses a body that is too big`, async () => {
    const answer = await callProcedure(app, "any", { type: "mutation", input: "x".repeat(1024 * 1024 + 1) });
    expect(answer).toMatchObject({ status: 413, error: { data: { code: "PAYLOAD_TOO_LARGE" } } });
  });
}

/** RFC 9728 §5.1. */
function whereOf(service: ServiceName): string {
  return `resource_metadata="http://issuer.test/.well-known/oauth-protected-resource/trpc/${service}"`;
}

function expectBadCredential(answer: ProcedureAnswer, service: ServiceName): void {
  expect(answer).toMatchObject({ status: 401, error: { data: { code: "UNAUTHORIZED" } } });
  expect(answer.error?.message).toBe("The access token is invalid or has ended; sign in again.");
  expect(answer.headers.get("www-authenticate")).toBe(`Bearer error="invalid_token", ${whereOf(service)}`);
  expect(answer.headers.get("cache-control")).toBe("no-store");
}

function declaredAccess({ path, access }: DeclaredProcedure): Access {
  if (access === null) throw new Error(`${path} was made by none of the procedures of context.`);
  return access;
}

function takesInput(router: AnyRouter, path: string): boolean {
  const procedure: unknown = router._def.procedures[path];
  const definition: unknown = typeof procedure === "function" && "_def" in procedure ? procedure._def : null;
  if (typeof definition !== "object" || definition === null || !("inputs" in definition)) return false;
  return Array.isArray(definition.inputs) && definition.inputs.length > 0;
}
