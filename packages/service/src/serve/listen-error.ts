import { isIP } from "node:net";
import { StartError } from "../start-error.ts";
import type { ServeOptions } from "./types.ts";

/** Why a port could not be bound, in words for the person who starts the process. `cause` is the system's error. */
export class ListenError extends StartError {
  override readonly name = "ListenError";
  readonly code: "port_in_use" | "port_forbidden" | "host_unknown" | "listen_failed";
  /** What is the case, as a sentence, without what to do about it. */
  readonly what: string;

  constructor(cause: unknown, { port, hostname, portSetting = "PORT" }: ServeOptions) {
    const systemCode = cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given";
    const { code, what, advice } = explain(systemCode, { port, hostname, portSetting });
    super(`${what} ${advice}`.trim(), { cause });
    this.code = code;
    this.what = what;
  }
}

type Explanation = { readonly code: ListenError["code"]; readonly what: string; readonly advice: string };

function explain(
  systemCode: string,
  { port, hostname, portSetting }: Required<Pick<ServeOptions, "port" | "hostname" | "portSetting">>,
): Explanation {
  const where = `${portSetting}: port ${port} on ${hostname}`;
  if (systemCode === "EADDRINUSE") {
    const advice = `Stop the process that holds it, or set it to a free one.`;
    return { code: "port_in_use", what: `${where} is already in use.`, advice };
  }
  if (systemCode === "EACCES") {
    const advice = "Set it to one above 1023.";
    return { code: "port_forbidden", what: `${where} may not be bound by this user.`, advice };
  }
  // Bun has codes of its own for a name that cannot be looked up
  const isUnknownName = "Bun" in globalThis && isIP(hostname) === 0;
  if (["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"].includes(systemCode) || isUnknownName) {
    const what = `HOST: ${hostname} is no address of this machine (${systemCode}).`;
    return { code: "host_unknown", what, advice: "Set it to one, such as 127.0.0.1, or 0.0.0.0 for all of them." };
  }
  return { code: "listen_failed", what: `${where} could not be bound (${systemCode}).`, advice: "" };
}
