import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";

/** Where Debian, Ubuntu and Alpine put it. */
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Why there is no browser to test in; null when there is one. */
export function whyNoBrowser(): string | null {
  return places.some((place) => existsSync(place)) ? null : "no Chromium on this machine";
}

/** A real Chromium without a window. Its own sandbox needs rights that containers do not give. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => existsSync(place)) ?? "";
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** The script of `page.ts`, as a bundler makes it for a browser. */
export async function bundlePage(): Promise<string> {
  const entry = fileURLToPath(new URL("page.ts", import.meta.url));
  const made = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "page" } },
  });
  const [first] = Array.isArray(made) ? made : [made];
  const [chunk] = first !== undefined && "output" in first ? first.output : [];
  if (chunk?.type !== "chunk") throw new Error("The bundler made no script.");
  return chunk.code;
}
