import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Verify } from "./program.ts";
import { fillIn, placeFor, startServer, until } from "./start-server.ts";

/** HAProxy answers by itself. */
export const verifyByHaproxy: Verify = async (policy, tokens, workspace) => {
  const place = await placeFor("haproxy", policy, workspace);
  const server = startServer("haproxy", ["-db", "-f", await fillIn("haproxy.cfg", place, workspace)]);
  return await askEach(server, `http://127.0.0.1:${place.port}/`, tokens);
};

/** Apache with a module protects a file. */
export const verifyByApache =
  (configuration: string): Verify =>
  async (policy, tokens, workspace) => {
    const place = await placeFor("apache", policy, workspace);
    const documents = path.join(place.folder, "htdocs");
    await mkdir(documents);
    await writeFile(path.join(documents, "index.html"), "taken");
    await chmod(place.folder, 0o755);
    const server = startServer("apache2", ["-X", "-f", await fillIn(configuration, place, workspace)]);
    return await askEach(server, `http://127.0.0.1:${place.port}/index.html`, tokens);
  };

/** Sends a request with each token, and ends the server. */
async function askEach(server: ReturnType<typeof startServer>, url: string, tokens: readonly string[]) {
  try {
    await until(server, () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    );
    const verdicts: string[] = [];
    for (const token of tokens) {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      const body = (await answer.text()).slice(0, 40).replaceAll("\n", " ");
      verdicts.push(answer.ok ? `taken ${answer.headers.get("x-subject")}` : `refused ${answer.status} ${body}`);
    }
    return verdicts;
  } finally {
    await server.stop();
  }
}
