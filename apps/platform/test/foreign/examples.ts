import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** How one part of an example is started: with what, and with which settings beside those of the test. */
export type Start = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** An example of the guide to other languages, as it can be run here. */
export type Example = {
  readonly language: string;
  /** Why it cannot be run, as the end of a suite's name; empty where it can. */
  readonly missing: string;
  /** Compiles it, where that is needed. `remove` takes away what that made. */
  readonly prepare: () => { readonly service: Start; readonly verifier: Start; readonly remove: () => void };
};

const folder = fileURLToPath(new URL("../../../../examples/", import.meta.url));

/** The first Python that has PyJWT. */
export const pythonCommand = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import jwt, cryptography"]).status === 0,
);

export const python: Example = {
  language: "Python",
  missing: pythonCommand === undefined ? ", skipped: no Python here has PyJWT and cryptography" : "",
  prepare() {
    const run = (script: string) => ({ command: pythonCommand ?? "", args: [script], env: {} });
    const scripts = path.join(folder, "python-service");
    return {
      service: run(path.join(scripts, "service.py")),
      verifier: run(path.join(scripts, "verify.py")),
      remove: () => undefined,
    };
  },
};

/** Where Debian puts the library: its package for v5, or that for v4, with which the example compiles as well. */
const goLibrary = ["jwt/v5", "jwt"]
  .map((name) => `/usr/share/gocode/src/github.com/golang-jwt/${name}`)
  .find((place) => existsSync(path.join(place, "parser.go")));

export const go: Example = {
  language: "Go",
  missing: whyNoGo(),
  prepare() {
    const place = mkdtempSync(path.join(tmpdir(), "countersign-go-"));
    const binary = buildGo(place);
    return {
      service: { command: binary, args: [], env: {} },
      verifier: { command: binary, args: [], env: { VERIFY_LINES: "1" } },
      remove: () => rmSync(place, { recursive: true, force: true }),
    };
  },
};

function whyNoGo(): string {
  if (goLibrary === undefined) return ", skipped: Debian's golang-jwt is not installed";
  return spawnSync("go", ["version"]).status === 0 ? "" : ", skipped: there is no Go";
}

/** Without modules, for these would be downloaded: the library is linked to where its import path looks for it. */
function buildGo(place: string): string {
  const imports = path.join(place, "src/github.com/golang-jwt/jwt");
  mkdirSync(imports, { recursive: true });
  symlinkSync(goLibrary ?? "", path.join(imports, "v5"));
  const binary = path.join(place, "go-service");
  const env = { ...process.env, GO111MODULE: "off", GOPATH: place, GOFLAGS: "", GOCACHE: path.join(place, "cache") };
  const options = { cwd: path.join(folder, "go-service"), env, encoding: "utf8" as const };
  for (const args of [
    ["vet", "."],
    ["build", "-o", binary, "."],
  ]) {
    const { status, stderr } = spawnSync("go", args, options);
    if (status !== 0) throw new Error(`go ${args[0]} failed:\n${stderr}`);
  }
  return binary;
}
