/** Passes bytes on between sockets and reads nothing of them: the least that a runtime can do in between. */
import { connect, createServer } from "node:net";
import { answer, settings } from "../harness/answer.ts";
import { listen } from "../harness/listen.ts";

const { backendPort } = settings<{ backendPort: number }>();
const server = createServer({ noDelay: true }, (client) => {
  const backend = connect({ host: "127.0.0.1", port: backendPort, noDelay: true });
  client.on("data", (bytes) => void backend.write(bytes));
  backend.on("data", (bytes) => void client.write(bytes));
  client.on("close", () => backend.destroy());
  backend.on("close", () => client.destroy());
});
const port = await listen(server);

answer({ start: () => ({ port, headers: {} }) });
