import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runVitest } from "./run-vitest.ts";
import type { Tally } from "./tally.ts";

const reporter = resolve("scripts/test/reporter.ts");
const vitest = ["node", resolve("node_modules/vitest/vitest.mjs"), "run", "--pool=threads", "--reporter", reporter];

let folder = "";

beforeEach(() => {
  // Inside of the project, so that the tests find vitest.
  folder = mkdtempSync(resolve("node_modules/.reporter-"));
  writeFileSync(join(folder, "vitest.config.ts"), "export default {};");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs these files as the tests of a project of their own. */
function tallyOf(files: Readonly<Record<string, string>>): Promise<Tally> {
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { describe, expect, it, beforeAll } from "vitest";\n${body}`);
  }
  return runVitest("Node", [...vitest, "--root", folder]);
}

describe("the tally of a run", () => {
  it("counts, and keeps the reasons of what was skipped", async () => {
    const tally = await tallyOf({
      "a.test.ts": `
        it("holds", () => {});
        it("does not", () => expect(1).toBe(2));
        it("waits", (context) => context.skip("no server"));
        describe.skip("elsewhere, skipped: no disk", () => it("waits too", () => {}));`,
    });
    expect(tally).toEqual({
      passed: 1,
      failed: 1,
      problems: [],
      skipped: [
        { name: "a.test.ts > waits", reason: "no server" },
        { name: "a.test.ts > elsewhere, skipped: no disk > waits too", reason: "no disk" },
      ],
    });
  });

  it("does not believe a run in which a file did not load, or was empty, or skipped without a reason", async () => {
    const { passed, problems } = await tallyOf({
      "broken.test.ts": 'throw new Error("not today");',
      "empty.test.ts": "",
      "hook.test.ts":
        'describe("a", () => { beforeAll(() => { throw new Error("no set-up"); }); it("b", () => {}); });',
      "skip.test.ts": 'it.skip("c", () => {}); it.todo("d"); it("e", () => {});',
    });
    expect(passed).toBe(1);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringContaining("broken.test.ts: not today"),
        expect.stringContaining("empty.test.ts"),
        expect.stringContaining("hook.test.ts > a: no set-up"),
        "Node: skipped without a reason: skip.test.ts > c",
        "Node: skipped without a reason: skip.test.ts > d",
      ]),
    );
  });

  it("does not believe a run of nothing, nor a runner that says nothing", async () => {
    expect((await tallyOf({})).problems).toContain("Node: not one test was run");
    expect((await runVitest("Node", ["node", "--eval", ""])).problems).toEqual(["Node: the run ended without a count"]);
  });

  it("does not believe a runner that fails though its tests pass", async () => {
    const { problems } = await tallyOf({
      "late.test.ts": 'it("a", () => { setTimeout(() => { throw new Error("late"); }); });',
    });
    expect(problems).toEqual(["Node: an error outside of any test: late"]);
  });
});
