import { spawn } from "node:child_process";
import { delimiter, resolve } from "node:path";

/** How a command ended. */
export type Ran = {
  readonly ok: boolean;
  /** Both streams, in the order of arrival; empty when they went to the terminal. */
  readonly output: string;
  readonly seconds: number;
};

/**
 * Runs a command of the project from its root, with the project's Node and tools first on the path.
 * `show` passes the output on to the terminal, otherwise it is kept; `cwd` runs it in a folder below the root.
 */
export function run(
  command: readonly string[],
  options: { readonly show?: boolean; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Ran> {
  const started = Date.now();
  const [program = "", ...args] = command;
  const path = [resolve("node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const quiet = { npm_config_loglevel: "silent", TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const env = { ...process.env, ...quiet, ...options.env, PATH: path };
  const child = spawn(program, args, {
    env,
    cwd: options.cwd ?? ".",
    stdio: ["ignore", ...keepOrShow(options.show === true)],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return new Promise((settle) => {
    const end = (ok: boolean): void => settle({ ok, output, seconds: (Date.now() - started) / 1000 });
    child.on("close", (code) => end(code === 0));
    child.on("error", (error) => {
      output += `${program}: ${error.message}\n`;
      end(false);
    });
  });
}

function keepOrShow(show: boolean): ("inherit" | "pipe")[] {
  return show ? ["inherit", "inherit"] : ["pipe", "pipe"];
}
