import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { claimOf } from "./prove/verifiers/claim-of.ts";
import { type IssuedTokens, issueTokens } from "./prove/verifiers/issue-tokens.ts";
import { type ForgedKind, forgedKinds, type Kind, kinds } from "./prove/verifiers/kinds.ts";
import { libraries } from "./prove/verifiers/libraries.ts";
import { membersOf } from "./prove/verifiers/members-of.ts";
import type { Policy, Program } from "./prove/verifiers/program.ts";
import { publishKeys } from "./prove/verifiers/publish-keys.ts";
import { servers } from "./prove/verifiers/servers.ts";
import { type Forger, startForger } from "./prove/verifiers/start-forger.ts";
import { prepareWorkspace, type Workspace } from "./prove/verifiers/workspace.ts";

/**
 * `npm run prove:verifiers`: gives tokens of a running platform to the programs of others that
 * docs/guides/other-languages.md lists, signed with RS256, ES256 and EdDSA, good ones and bad ones. What is not installed is
 * skipped, and with CI=true counts as failed. Closes with `N passed, N failed`. `npm run prove:verifiers -- <part of a name>`
 */
const [wanted = ""] = process.argv.slice(2);
const programs = [...libraries, ...servers].filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
const algorithms = ["RS256", "ES256", "EdDSA"] as const;
const run = promisify(execFile);
let passed = 0;
let failed = 0;

const folder = await mkdtemp(path.join(tmpdir(), "countersign-verifiers-"));
try {
  const workspace = await prepareWorkspace(folder);
  const present = await findInstalled(workspace);
  for (const algorithm of algorithms) {
    const issued = await issueTokens(algorithm, await workspace.newFolder("platform"));
    const { policy, stop } = await publishKeys(issued.platform.url, algorithm, workspace);
    await withEach(present, (program) => prove(program, { policy, issued, workspace }));
    stop();
    await issued.platform.stop();
  }
  const forger = await startForger(workspace);
  await withEach(present, (program) => proveForged(program, forger, workspace));
  forger.stop();
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Does the work for every program, for three at a time. */
async function withEach(all: readonly Program[], work: (program: Program) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const turns = async () => {
    for (const program of waiting) await work(program);
  };
  await Promise.all([turns(), turns(), turns()]);
}

/** The programs whose packages are here. */
async function findInstalled(workspace: Workspace): Promise<readonly Program[]> {
  const present: Program[] = [];
  for (const program of programs) {
    const version = await versionOf(program, workspace);
    const lacksRoot = program.needsRoot === true && process.getuid?.() !== 0;
    const missing = version === null ? `${JSON.stringify(program.from)} is not installed` : "it needs root";
    if (version !== null && !lacksRoot) present.push(program);
    if (version !== null && !lacksRoot) console.log(`${program.name}: ${version}`);
    else if (process.env["CI"] !== undefined) report(program.name, [missing]);
    else console.log(`SKIPPED ${program.name}: ${missing}`);
  }
  return present;
}

async function versionOf({ from }: Program, { folder: place }: Workspace): Promise<string | null> {
  try {
    if ("debian" in from) return (await run("dpkg-query", ["-W", "-f", "${Version}", from.debian])).stdout || null;
    const manifest = path.join(place, "node/node_modules", from.npm, "package.json");
    return String(membersOf(await readFile(manifest, "utf8")).get("version"));
  } catch {
    return null; // no such package, or no dpkg at all
  }
}

type Round = { readonly policy: Policy; readonly issued: IssuedTokens; readonly workspace: Workspace };

async function prove(program: Program, { policy, issued, workspace }: Round): Promise<void> {
  const tokens = { ...issued.tokens, delegated: await issued.delegate() };
  const given = kinds.map((kind) => tokens[kind]);
  const name = `${program.name}, ${policy.algorithm}`;
  try {
    const verdicts = await program.verify(policy, given, workspace);
    const problems = kinds.flatMap((kind, index) => {
      const said = verdicts[index] ?? "nothing";
      const expected = expectedOf(program, policy, kind);
      const subject = claimOf(tokens[kind], program.subject ?? "sub");
      const isRight = expected === "taken" ? said === `taken ${subject}` : said.startsWith("refused ");
      return isRight ? [] : [`${kind}: ${said} (expected: ${expected})`];
    });
    report(name, problems);
  } catch (error) {
    report(name, [String(error)]);
  }
}

/** What the platform signs never: it shows what a program does not look at, and that it refuses for its type alone. */
async function proveForged(program: Program, { policy, tokens }: Forger, workspace: Workspace): Promise<void> {
  const name = `${program.name}, forged`;
  try {
    const given = forgedKinds.map((kind) => tokens[kind]);
    const verdicts = await program.verify(policy, given, workspace);
    const problems = forgedKinds.flatMap((kind, index) => {
      const said = verdicts[index] ?? "nothing";
      const expected = expectedOfForged(program, kind);
      return expected === null || said.startsWith(`${expected} `) ? [] : [`${kind}: ${said} (expected: ${expected})`];
    });
    report(name, problems);
  } catch (error) {
    report(name, [String(error)]);
  }
}

function expectedOfForged({ refusesType = false, ignores = [] }: Program, kind: ForgedKind) {
  if (kind === "jwt") return refusesType ? "taken" : null;
  if (kind === "good") return refusesType ? "refused" : "taken";
  return ignores.includes(kind) && !refusesType ? "taken" : "refused";
}

function expectedOf(program: Program, { algorithm }: Policy, kind: Kind): "taken" | "refused" {
  const { refuses = [], ignores = [], refusesType = false } = program;
  if (refusesType || kind === "forged" || refuses.includes(kind) || refuses.includes(algorithm)) return "refused";
  if (kind === "expired" || kind === "audience") return ignores.includes(kind) ? "taken" : "refused";
  return "taken";
}

function report(name: string, problems: readonly string[]): void {
  if (problems.length === 0) passed += 1;
  else failed += 1;
  console.log(`${problems.length === 0 ? "✓" : "✗"} ${name}`);
  for (const problem of problems) console.log(`  ${problem}`);
}
