import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";
import type { Tally } from "./tally.ts";

/** Writes the tally of a vitest run to the file that `TEST_TALLY` names; without it, does nothing. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message: string }[]): void {
    const file = process.env["TEST_TALLY"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(toTally(modules, unhandled)));
  }
}

/** Judges a run: a file that did not load and a skip without a reason are problems, though vitest may not think so. */
export function toTally(modules: readonly TestModule[], unhandled: readonly { readonly message: string }[]): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const states = tests.map((test) => test.result().state);
  const skipped = tests.filter((test) => test.result().state === "skipped").map(toSkip);
  return {
    passed: states.filter((state) => state === "passed").length,
    failed: states.filter((state) => state === "failed").length,
    problems: [
      ...unhandled.map((error) => `an error outside of any test: ${error.message}`),
      ...modules.flatMap((module) => moduleProblems(module)),
      ...skipped.filter((skip) => skip.reason === "").map((skip) => `skipped without a reason: ${skip.name}`),
      ...(states.includes("pending") ? ["some tests were never run"] : []),
    ],
    skipped,
  };
}

function moduleProblems(module: TestModule): string[] {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  const broken = suites.flatMap((suite) => suite.errors().map((error) => `${nameOf(suite)}: ${error.message}`));
  const isEmpty = module.children.allTests().next().done === true;
  return isEmpty && broken.length === 0 ? [`${nameOf(module)}: no test in this file`] : broken;
}

/** The reason is the note of `context.skip(note)`, or what follows "skipped:" in the name of the test or its suite. */
function toSkip(test: TestCase): Tally["skipped"][number] {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return { name: nameOf(test), reason: note ?? /skipped: ([^>]+)/.exec(test.fullName)?.[1]?.trim() ?? "" };
}

function nameOf(task: TestModule | TestSuite | TestCase): string {
  return task.type === "module" ? task.relativeModuleId : `${task.module.relativeModuleId} > ${task.fullName}`;
}
