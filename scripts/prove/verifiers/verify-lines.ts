import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { toEnvironment, type Verify } from "./program.ts";
import type { Build, Workspace } from "./workspace.ts";

/** How a program that reads a token a line is started. */
export type LineProgram = {
  readonly command: (workspace: Workspace) => readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** What has to be built before. */
  readonly build?: Build;
};

/** Gives a program every token on a line of its own, and reads as many lines. */
export function verifyLines({ command, env = {}, build }: LineProgram): Verify {
  return async (policy, tokens, workspace) => {
    const failure = build === undefined ? undefined : workspace.failures.get(build);
    if (failure !== undefined) throw new Error(failure);
    const [program, ...args] = command(workspace);
    const child = spawn(program, args, {
      env: { ...process.env, ...toEnvironment(policy), ...env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 60_000,
    });
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    child.stdin.end(`${tokens.join("\n")}\n`);
    const [output, errors] = await Promise.race([Promise.all([text(child.stdout), text(child.stderr)]), failed]);
    const lines = output.split("\n").slice(0, -1);
    if (lines.length !== tokens.length) throw new Error(`It answered ${lines.length} times: ${output}${errors}`);
    return lines;
  };
}
