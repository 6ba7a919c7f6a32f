import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A mail as it arrived. */
export type Arrived = { readonly from: string; readonly to: readonly string[]; readonly data: string };

export type TestSmtp = {
  readonly port: number;
  readonly arrived: readonly Arrived[];
  /** What to answer a recipient with from now on: null takes the mail. */
  refuse(status: number | null): void;
  close(): Promise<void>;
};

/** A real SMTP server on a port of its own, or on this one. */
export async function startSmtpServer(options: SMTPServerOptions = {}, port = 0): Promise<TestSmtp> {
  const arrived: Arrived[] = [];
  let status: number | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    onRcptTo: (_address, _session, done) =>
      done(
        status === null
          ? null
          : Object.assign(new Error("5.1.1 <somebody@example.com> is not known"), { responseCode: status }),
      ),
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        arrived.push({ from, to: rcptTo.map(({ address }) => address), data: Buffer.concat(chunks).toString() });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined); // a client that goes away is what some tests are about
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  return {
    port: (server.server.address() as AddressInfo).port, // listening on TCP
    arrived,
    refuse(wanted) {
      status = wanted;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
