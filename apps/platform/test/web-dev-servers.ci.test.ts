import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { serviceNames } from "@countersign/access";
import { createApp } from "@countersign/gateway/app";
import { createTransport, serveAnswers } from "@countersign/service";
import { silentLog } from "@countersign/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, whyNoBrowser } from "./browser.ts";
import { freePorts } from "./start-test-platform.ts";

/** A project of a framework, and the development server that it brings. */
type Framework = {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The file that is edited, and what it holds. */
  readonly edited: string;
  readonly content: (text: string) => string;
  /** The words of the command, in the folder of the project. */
  readonly command: (folder: string, port: number) => Promise<readonly string[]>;
};

const vite: Framework = {
  name: "Vite",
  files: {
    "index.html": '<main id="text"></main><script type="module" src="/src/main.js"></script>',
    "src/main.js": `import { text } from "./text.js";
const show = (text) => { document.querySelector("#text").textContent = text; };
show(text);
import.meta.hot.accept("./text.js", (changed) => show(changed.text));`,
  },
  edited: "src/text.js",
  content: (text) => `export const text = ${JSON.stringify(text)};`,
  command: async (_folder, port) => {
    const program = path.join(path.dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");
    return [program, "--host", "127.0.0.1", "--port", String(port), "--strictPort"];
  },
};

const next: Framework = {
  name: "Next",
  files: {
    "package.json": '{"private":true}',
    "app/layout.js": "export default ({ children }) => <html lang='en'><body>{children}</body></html>;",
  },
  edited: "app/page.js",
  content: (text) => `export default () => <main id="text">${text}</main>;`,
  async command(folder, port) {
    const packages = ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"];
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], {
      cwd: folder,
    });
    return [path.join(folder, "node_modules/next/dist/bin/next"), "dev", "-H", "127.0.0.1", "-p", String(port)];
  },
};

const closing: (() => unknown)[] = [];
const whyNot = whyNoBrowser();
let browser: Browser | undefined;

beforeAll(async () => {
  if (whyNot === null) browser = await launchBrowser();
});

afterAll(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await browser?.close();
});

async function startGateway(web: string): Promise<string> {
  const portOf = await freePorts(["gateway"]);
  const publicOrigin = `http://localhost:${portOf("gateway")}`;
  const transport = createTransport();
  const nowhere = serviceNames.map((name): [string, string] => [name, "http://127.0.0.1:1"]);
  const upstreams = Object.fromEntries(nowhere) as Parameters<typeof createApp>[0]["upstreams"]; // one for every name
  const app = createApp({ upstreams, web, publicOrigin, forward: transport.forward, log: silentLog, now: Date.now });
  const served = await serveAnswers(app, { port: portOf("gateway"), hostname: "127.0.0.1", drainMs: 100 });
  closing.push(
    () => transport.close(),
    () => served.stop(),
  );
  return publicOrigin;
}

async function startServer({
  files,
  edited,
  content,
  command,
}: Framework): Promise<{ origin: string; folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-web-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of [...Object.entries(files), [edited, content("before")] as const]) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const port = (await freePorts(["gateway"]))("gateway");
  const words = await command(folder, port);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "development" };
  const child: ChildProcess = spawn("node", words, { cwd: folder, env, stdio: "ignore", detached: true });
  closing.push(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    process.kill(-child.pid, "SIGTERM"); // the server has children of its own
    await once(child, "exit");
  });
  const origin = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(origin).catch(() => null))?.ok ?? false;
  await expect.poll(answers, { timeout: 120_000, interval: 200 }).toBe(true);
  return { origin, folder };
}

describe.each([vite, next])("the development server of $name behind the gateway", (framework) => {
  it("shows an edit in the page without loading it again", { timeout: 300_000 }, async (context) => {
    if (whyNot !== null || browser === undefined) return context.skip(whyNot ?? "no browser");
    const { origin, folder } = await startServer(framework);
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("response", (response) => {
      if (response.status() >= 400 && !response.url().endsWith("favicon.ico"))
        problems.push(`${response.status()} ${response.url()}`);
    });
    const gateway = await startGateway(origin);
    const sockets = new Set<string>();
    page.on("websocket", (socket) => sockets.add(new URL(socket.url()).host)); // Vite tries its own port when it fails
    await page.goto(gateway);
    const text = () => page.locator("#text").textContent();
    await expect.poll(text, { timeout: 60_000 }).toBe("before");
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    await writeFile(path.join(folder, framework.edited), framework.content("after"));
    await expect.poll(text, { timeout: 60_000 }).toBe("after");
    expect(await page.evaluate(() => "isSamePage" in globalThis)).toBe(true);
    expect(problems).toEqual([]);
    expect([...sockets]).toEqual([new URL(gateway).host]);
  });
});
