import { readFile } from "node:fs/promises";
import { ConfigurationError } from "@countersign/service";
import { z } from "zod";
import { findKeyProblem } from "./client-proof.ts";
import { isProviderName, type ProviderSettings } from "./provider-settings.ts";

/** One provider. Paths of files are found from where the process was started. */
const entrySchema = z.strictObject({
  name: z.string().refine(isProviderName, "is a lower-case word that no other path below /auth/ has"),
  label: z.string().min(1).max(64).optional(),
  issuer: z.url("is a URL"),
  clientId: z.string().min(1, "is empty"),
  clientSecret: z.string().min(1, "is empty").optional(),
  clientSecretFile: z.string().optional(),
  privateKeyFile: z.string().optional(),
  privateKeyId: z.string().optional(),
  scopes: z.array(z.string().regex(/^\S+$/, "is one word")).default(["openid", "email"]),
  responseMode: z.enum(["query", "form_post"]).default("query"),
  claims: z
    .strictObject({
      email: z.string().default("email"),
      /** A claim that is `true`; or `true` itself where the provider confirms every address and says so nowhere. */
      emailVerified: z.union([z.string(), z.literal(true)]).default("email_verified"),
    })
    .prefault({}),
});

type Entry = z.output<typeof entrySchema>;

/**
 * Reads the providers of `OPENID_PROVIDERS`, a JSON array.
 *
 * @param development whether a provider may be on this machine, over plain http
 * @throws ConfigurationError naming the provider and what is wrong, never a secret
 */
export async function parseProviders(text: string, development: boolean): Promise<readonly ProviderSettings[]> {
  const complain = (problem: string, cause?: unknown): ConfigurationError =>
    new ConfigurationError(`OPENID_PROVIDERS: ${problem}.`, { cause });
  const parsed = z.array(entrySchema).safeParse(parseJson(text, complain));
  if (!parsed.success) {
    const found = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw complain(found.join("; "));
  }
  const providers: ProviderSettings[] = [];
  for (const entry of parsed.data) {
    const about = (problem: string, cause?: unknown) => complain(`${entry.name}: ${problem}`, cause);
    if (!entry.scopes.includes("openid")) throw about("scopes lack openid");
    checkIssuer(entry.issuer, development, about);
    const { name, issuer, clientId, scopes, responseMode } = entry;
    const { email, emailVerified } = entry.claims;
    providers.push({
      name,
      issuer,
      clientId,
      scopes,
      responseMode,
      label: entry.label ?? name,
      proof: await readProof(entry, about),
      claims: { email, emailVerified: emailVerified === true ? null : emailVerified },
      verifiedValues: [true],
    });
  }
  return providers;
}

type Complain = (problem: string, cause?: unknown) => ConfigurationError;

function parseJson(text: string, complain: Complain): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw complain("is not JSON"); // the parser's own words quote the text, which may hold a secret
  }
}

function checkIssuer(issuer: string, development: boolean, complain: Complain): void {
  const { protocol, hostname, username, search, hash } = new URL(issuer);
  const isLocal = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  if (protocol !== "https:" && !(development && protocol === "http:" && isLocal))
    throw complain("issuer is not https (http is for this machine, without NODE_ENV=production)");
  if (username !== "" || search !== "" || hash !== "") throw complain("issuer has a user, a query or a fragment");
}

async function readProof(entry: Entry, complain: Complain): Promise<ProviderSettings["proof"]> {
  const { clientSecret, clientSecretFile, privateKeyFile, privateKeyId } = entry;
  const given = [clientSecret, clientSecretFile, privateKeyFile].filter((value) => value !== undefined);
  if (given.length !== 1) throw complain("one of clientSecret, clientSecretFile and privateKeyFile is needed");
  const read = async (name: string, file: string) => {
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
      throw complain(`${name} cannot be read`, cause);
    });
    if (text.trim() === "") throw complain(`${name} is empty`);
    return text.trim();
  };
  if (privateKeyFile !== undefined) {
    const key = await read("privateKeyFile", privateKeyFile);
    const problem = findKeyProblem(key, "key");
    if (problem !== null) throw complain(`privateKeyFile ${problem}`);
    return { kind: "key", key, keyId: privateKeyId ?? null };
  }
  const secret = clientSecret ?? (await read("clientSecretFile", clientSecretFile ?? ""));
  return { kind: "secret", secret };
}
