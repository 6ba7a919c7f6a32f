import { lockDirectory } from "../src/directory-lock.ts";

// A process that takes the directory in its first argument, says so and keeps it, or says what kept it from that.
const [directory = ""] = process.argv.slice(2);
try {
  await lockDirectory(directory);
  process.stdout.write("held\n");
  setInterval(() => undefined, 1_000);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.name : String(error)}\n`);
}
