import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyRepository } from "./new-service/copy-repository.ts";

const onBun = "bun" in process.versions ? ", skipped: npm runs the command on Node, whatever runs this test" : "";

describe.skipIf(onBun !== "")(`npm run new:service, in a copy of the repository${onBun}`, { timeout: 300_000 }, () => {
  let copy = "";
  beforeAll(() => {
    copy = copyRepository();
  }, 120_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  /** Runs a command there, without a network for npm; gives what it said and how it ended. */
  const run = (command: string, ...args: string[]) => {
    const { TEST_TALLY: _ours, ...env } = process.env;
    const path = [join(copy, "node_modules", ".bin"), env["PATH"]].join(delimiter);
    const options = { cwd: copy, env: { ...env, PATH: path, npm_config_offline: "true" }, encoding: "utf8" as const };
    const { status, stdout, stderr } = spawnSync(command, args, options);
    return { status, said: stdout + stderr };
  };
  /** Holds a command to passing; what it said is the failure. */
  const expectToPass = (command: string, ...args: string[]) => {
    const { status, said } = run(command, ...args);
    expect(status, said).toBe(0);
  };
  const newService = (...names: string[]) => run("node", "scripts/new-service.ts", ...names);
  const changed = () => execFileSync("git", ["status", "--porcelain"], { cwd: copy, encoding: "utf8" });

  it("refuses a name that cannot be one, and changes nothing", () => {
    const { status, said } = newService("orders");
    expect({ status, said: said.trim() }).toEqual({
      status: 2,
      said: '"orders" cannot be a service: there is one of that name. Nothing was changed.',
    });
    expect(changed()).toBe("");
  });

  it("writes nothing when a file is not as it expects", () => {
    const path = join(copy, "docker-compose.yml");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, "services: {}\n");
    expect(newService("specimen")).toEqual({ status: 1, said: expect.stringContaining("Expected") });
    expect(changed().trim()).toBe("M docker-compose.yml");
    writeFileSync(path, text);
  });

  it("takes everything back when its last step fails", () => {
    const [path, away] = [join(copy, "apps/platform/src/access-table.ts"), join(copy, "away.ts")];
    renameSync(path, away);
    expect(newService("specimen")).toEqual({ status: 1, said: expect.stringContaining("npm run access failed") });
    renameSync(away, path);
    expect(changed()).toBe("");
    expect(existsSync(join(copy, "node_modules/@countersign/specimen"))).toBe(false);
  });

  it("writes a service and registers it", () => {
    expectToPass("node", "scripts/new-service.ts", "specimen");
    expect(
      changed()
        .trim()
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual([
      "M .env.example",
      "M apps/platform/package.json",
      "M apps/platform/src/services.ts",
      "M docker-compose.yml",
      "M docs/access.md",
      "M package-lock.json",
      "M packages/access/src/services.ts",
      "?? apps/specimen/",
    ]);
  });

  it("writes a second one beside it, which what follows holds as well", () => {
    expectToPass("node", "scripts/new-service.ts", "another");
    expect(readFileSync(join(copy, "packages/access/src/services.ts"), "utf8")).toMatch(
      /specimen: \{ port: 4005, .+\n {2}another: \{ port: 4006, /,
    );
  });

  it.each([
    ["the types of the service", "tsc", "--noEmit", "-p", "apps/specimen"],
    ["the types of the platform", "tsc", "--noEmit", "-p", "apps/platform"],
    ["the house rules", "node", "scripts/boundaries.ts"],
    ["the boundaries of packages", "turbo", "boundaries"],
    ["the format", "biome", "check", "--error-on-warnings", "apps/specimen", "apps/platform", "packages/access"],
    ["the linter", "oxlint", "--type-aware", "--deny-warnings", "apps/specimen"],
    ["the linter of compose files", "dclint", "--max-warnings", "0", "docker-compose.yml"],
  ])("holds %s", (_name, command, ...args) => {
    expectToPass(command, ...args);
  });

  it("has a migration that says what its schema says", () => {
    const options = { cwd: join(copy, "apps/specimen"), encoding: "utf8" as const };
    const said = execFileSync(join(copy, "node_modules/.bin/drizzle-kit"), ["generate"], options);
    expect(said).toContain("No schema changes");
  });

  it("passes its own tests, and those of everything that it was registered in", () => {
    const registered = ["scripts/compose", "scripts/env", "scripts/lock", "packages/access", "packages/client/test"];
    const tests = [
      ...registered,
      "apps/specimen",
      "apps/another",
      "apps/platform/test/access",
      "apps/platform/test/services",
    ];
    // One worker and patience: the run that this is a part of keeps both cores busy.
    const options = ["--reporter=default", "--maxWorkers=1", "--hookTimeout=180000", "--testTimeout=60000"];
    expectToPass("vitest", "run", ...options, ...tests);
  });

  it("is refused a second time", () => {
    expect(newService("specimen")).toEqual({ status: 2, said: expect.stringContaining("there is one of that name") });
  });
});
