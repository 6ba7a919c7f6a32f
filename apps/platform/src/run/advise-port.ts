import { once } from "node:events";
import { createServer } from "node:net";
import { ListenError, StartError } from "@countersign/service";
import { doorNames, portsFrom } from "./ports.ts";

export type Ports = { readonly port: number | undefined; readonly hostname: string };

/** What to do about a port that is taken: a PORT with which every process finds its own free, as things stand now. */
export async function advisePort(failure: unknown, { port, hostname }: Ports): Promise<unknown> {
  if (!(failure instanceof ListenError) || failure.code !== "port_in_use") return failure;
  const own = portsFrom(port)("gateway");
  for (let candidate = own + step; candidate <= own + 50 * step && candidate < 65_000; candidate += step) {
    const portOf = portsFrom(candidate);
    const free = await Promise.all(doorNames.map((name) => isFree(portOf(name), hostname)));
    if (free.includes(false)) continue;
    const others = `${Math.min(...doorNames.slice(1).map(portOf))} to ${Math.max(...doorNames.map(portOf))}`;
    const advice = `start with PORT=${candidate}: the gateway then takes ${candidate}, the services ${others}`;
    return new StartError(`${failure.what} Stop the process that holds it, or ${advice}.`, { cause: failure });
  }
  return failure;
}

const step = 10;

/** @throws ListenError for the first port of a platform that is taken, before any process of it is started */
export async function checkPorts(portOf: ReturnType<typeof portsFrom>, hostname: string): Promise<void> {
  for (const name of doorNames) {
    const host = name === "gateway" ? hostname : "127.0.0.1";
    const problem = await tryPort(portOf(name), host);
    if (problem !== null) throw new ListenError(problem, { port: portOf(name), hostname: host });
  }
}

async function isFree(port: number, hostname: string): Promise<boolean> {
  return (await tryPort(port, hostname)) === null && (await tryPort(port, "127.0.0.1")) === null;
}

/** Why this port cannot be bound; null when it can. */
async function tryPort(port: number, hostname: string): Promise<unknown> {
  const server = createServer();
  try {
    await once(server.listen(port, hostname), "listening");
    return null;
  } catch (error) {
    return error;
  } finally {
    server.close();
  }
}
