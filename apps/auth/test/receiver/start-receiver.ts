import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** A receiver of security events in a process of its own. */
export type ReceiverProcess = {
  /** Its stream, as auth answered it. */
  readonly stream: Record<string, unknown>;
  /** The claims of every event that it has verified, in their order. */
  readonly events: readonly Record<string, unknown>[];
  stop(): Promise<void>;
};

export type ReceiverOptions = {
  readonly transmitter: string;
  readonly secret: string;
  readonly audience: string;
  readonly delivery: "poll" | "push";
};

const script = fileURLToPath(new URL("receiver.mjs", import.meta.url));
const members = z.record(z.string(), z.unknown());
const line = z.object({ stream: members.optional(), payload: members.optional() });

/** Starts it on the runtime of this process, and resolves when it has its stream. */
export async function startReceiver(options: ReceiverOptions): Promise<ReceiverProcess> {
  const { transmitter, secret, audience, delivery } = options;
  const settings = { TRANSMITTER: transmitter, SECRET: secret, AUDIENCE: audience, DELIVERY: delivery };
  const env = { PATH: process.env["PATH"], ...settings };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const events: Record<string, unknown>[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const { stream, payload } = line.parse(JSON.parse(text));
    if (stream !== undefined) resolve(stream);
    if (payload !== undefined) events.push(payload);
  });
  exited.then(() => reject(new Error("The receiver ended while it started; see above.")), reject);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  };
  return { stream: await promise, events, stop };
}
