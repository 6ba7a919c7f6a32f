import { readFile } from "node:fs/promises";
import path from "node:path";
import { importSigningKey, type SigningKey, signClientAssertion } from "@countersign/tokens";
import { type Runtime, startChild } from "../harness/child.ts";
import { drive, toForm } from "../harness/drive.ts";
import { type Block, interleave, type Rounds } from "../harness/interleave.ts";
import type { ScratchDatabase } from "../harness/scratch-database.ts";
import { issuer } from "../servers/identity.ts";

/** What grants cost auth: microseconds of its CPU for each, and how many a second over HTTP; round by round. */
export type GrantCosts = {
  readonly costs: ReadonlyMap<string, readonly number[]>;
  readonly perSecond: ReadonlyMap<string, readonly number[]>;
};

const connections = 8;

/** Tokens from `POST /oauth/token` on PostgreSQL: a service's own, and a user's exchanged, each with a proof of its own. */
export async function measureGrants(
  runtime: Runtime,
  plan: Rounds & { readonly algorithm: "RS256" | "ES256"; readonly grants: number },
  on: { readonly database: ScratchDatabase; readonly keys: string },
): Promise<GrantCosts> {
  const { algorithm, grants: calls } = plan;
  const auth = await startChild(runtime, "issuing", { databaseUrl: on.database.url, keys: on.keys, algorithm });
  try {
    const { auth: port } = await auth.call<{ auth: number }>("ports");
    const key = await importSigningKey(JSON.parse(await readFile(path.join(on.keys, "orders.json"), "utf8")));
    const [subject = ""] = await auth.call<string[]>("mint", 1);
    const perSecond = new Map<string, number[]>();
    const block = (name: string, parameters: Readonly<Record<string, string>>): Block => {
      let requests: Buffer[] = [];
      return {
        name,
        calls,
        async prepare(count) {
          requests = await Promise.all(Array.from({ length: count }, () => requestFor(parameters, key)));
        },
        async measure(count) {
          const before = await auth.cpu();
          const began = performance.now();
          await drive({ port, connections, calls: count, request: () => requests.pop() ?? "" });
          const rate = (count * 1000) / (performance.now() - began);
          perSecond.set(name, [...(perSecond.get(name) ?? []), rate]);
          return ((await auth.cpu()) - before) / count;
        },
      };
    };
    const blocks = [
      block("client credentials", { grant_type: "client_credentials" }),
      block("token exchange", {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: subject,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      }),
    ];
    await interleave(blocks, { ...plan, rounds: 3 }); // until the whole path is compiled
    perSecond.clear();
    return { costs: await interleave(blocks, plan), perSecond };
  } finally {
    await auth.stop();
  }
}

async function requestFor(parameters: Readonly<Record<string, string>>, key: SigningKey): Promise<Buffer> {
  return toForm("/oauth/token", {
    ...parameters,
    audience: "inventory",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await signClientAssertion({ clientId: "orders", audience: issuer, key, now: Date.now }),
  });
}
