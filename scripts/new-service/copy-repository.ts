import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Copies the repository as it is now, with what is installed, into a repository of its own. It lies inside of `.data`,
 * on the same disk, so that installed files can be hard links: nothing is downloaded, and it takes a second.
 *
 * @returns the folder of the copy; to be removed by the caller
 */
export function copyRepository(): string {
  mkdirSync(".data", { recursive: true });
  const copy = mkdtempSync(resolve(".data", "copy-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  const files = new Set(
    listed
      .toString()
      .split("\0")
      .filter((path) => path !== "" && existsSync(path)),
  );
  for (const path of files) {
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    copyFileSync(path, join(copy, path));
  }
  linkInstalled(copy);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: copy });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--no-gpg-sign", "--message", "chore: copy");
  return copy;
}

/** Caches, and files that are no package, stay behind; npm's own list is a copy, as npm writes it in place. */
function linkInstalled(copy: string): void {
  const target = join(copy, "node_modules");
  mkdirSync(target);
  for (const entry of readdirSync("node_modules", { withFileTypes: true })) {
    if (!entry.isDirectory() || (entry.name.startsWith(".") && entry.name !== ".bin")) continue;
    linkTree(join("node_modules", entry.name), join(target, entry.name));
  }
  copyFileSync("node_modules/.package-lock.json", join(target, ".package-lock.json"));
}

function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
}
