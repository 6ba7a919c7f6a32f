import { setTimeout } from "node:timers/promises";
import { runMain } from "../src/run-main.ts";
import { StartError } from "../src/start-error.ts";

/** A process of `runMain` that says what it does, and starts in the way that it is given. Run by a test. */
const [way] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

await runMain(async (shutdown) => {
  shutdown.add(() => say("closed first"));
  const timer = setInterval(() => undefined, 1_000);
  shutdown.add(() => {
    clearInterval(timer);
    say("closed last");
  });
  if (way === "refused") throw new StartError("PORT: is taken.");
  say("started");
  if (way === "slow") await setTimeout(60_000);
});
