import { execFile } from "node:child_process";
import { chmod, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const sources = path.join(import.meta.dirname, "../../../examples/verifiers");

/** Where programs are compiled and npm packages are installed: a temporary folder, which other users may read. */
export type Workspace = {
  readonly folder: string;
  /** The programs as they are committed. */
  readonly sources: string;
  /** A new folder below, for what a server writes. */
  readonly newFolder: (name: string) => Promise<string>;
  /** Why something could not be compiled or installed, by the names of `builds`. */
  readonly failures: ReadonlyMap<string, string>;
};

/** Compiles and installs everything, all at once; what fails is named in `failures`. */
export async function prepareWorkspace(folder: string): Promise<Workspace> {
  await chmod(folder, 0o755);
  await Promise.all(["bin", "node", "rust"].map((name) => mkdir(path.join(folder, name))));
  const failures = new Map<string, string>();
  const building = Object.entries(builds).map(async ([name, build]) => {
    await build(folder).catch((error: unknown) => failures.set(name, String(error).slice(0, 2_000)));
  });
  await Promise.all(building);
  let folders = 0;
  const newFolder = async (name: string) => {
    folders += 1;
    const made = path.join(folder, `${name}-${folders}`);
    await mkdir(made);
    return made;
  };
  return { folder, sources, newFolder, failures };
}

/** Each way to make programs ready. */
const builds = { npm: installNode, go: buildGo, rust: buildRust, libjwt: buildLibjwt, cjose: buildCjose };

/** The name of a way to make programs ready. */
export type Build = keyof typeof builds;

async function installNode(folder: string): Promise<void> {
  const place = path.join(folder, "node");
  await cp(path.join(sources, "node"), place, { recursive: true });
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: place });
}

/** Without modules, which would be downloaded: Debian's libraries, and golang-jwt linked to where its import path looks. */
async function buildGo(folder: string): Promise<void> {
  const links = path.join(folder, "go/src/github.com/golang-jwt/jwt");
  await mkdir(links, { recursive: true });
  await symlink("/usr/share/gocode/src/github.com/golang-jwt/jwt", path.join(links, "v4"));
  const GOPATH = `${path.join(folder, "go")}:/usr/share/gocode`;
  const env = { ...process.env, GO111MODULE: "off", GOPATH, GOFLAGS: "", GOCACHE: path.join(folder, "go/cache") };
  for (const name of ["golang_jwt", "go_jose"])
    await run("go", ["build", "-o", path.join(folder, "bin", name), "."], { cwd: path.join(sources, "go", name), env });
}

async function buildRust(folder: string): Promise<void> {
  const place = path.join(folder, "rust");
  await cp(path.join(sources, "rust"), place, { recursive: true });
  await mkdir(path.join(place, ".cargo"));
  const config = `[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "/usr/share/cargo/registry"\n`;
  await writeFile(path.join(place, ".cargo/config.toml"), config);
  await run("cargo", ["build", "--offline", "--quiet"], { cwd: place, maxBuffer: 2 ** 26 });
  await cp(path.join(place, "target/debug/verifier"), path.join(folder, "bin/rust"));
}

async function buildLibjwt(folder: string): Promise<void> {
  await run("cc", ["-Wall", path.join(sources, "c/libjwt.c"), "-o", path.join(folder, "bin/libjwt"), "-ljwt"]);
}

async function buildCjose(folder: string): Promise<void> {
  const libraries = ["-lcjose", "-ljansson", "-lcrypto"];
  await run("cc", ["-Wall", path.join(sources, "c/cjose.c"), "-o", path.join(folder, "bin/cjose"), ...libraries]);
}
