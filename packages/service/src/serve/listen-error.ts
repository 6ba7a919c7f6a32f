import { StartError } from "../start-error.ts";
import type { ServeOptions } from "./types.ts";

/** Why a port could not be bound, in words for the person who starts the process. `cause` is the system's error. */
export class ListenError extends StartError {
  override readonly name = "ListenError";
  readonly code: "port_in_use" | "port_forbidden" | "listen_failed";

  constructor(cause: unknown, { port, hostname }: ServeOptions) {
    const systemCode = cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given";
    const where = `Port ${port} on ${hostname}`;
    if (systemCode === "EADDRINUSE") {
      super(`${where} is already in use. Stop the process that holds it, or set PORT to a free one.`, { cause });
      this.code = "port_in_use";
    } else if (systemCode === "EACCES") {
      super(`${where} may not be bound by this user. Set PORT to one above 1023.`, { cause });
      this.code = "port_forbidden";
    } else {
      super(`${where} could not be bound (${systemCode}).`, { cause });
      this.code = "listen_failed";
    }
  }
}
