import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../../../apps/platform/test/start-test-platform.ts";
import type { Verify } from "./program.ts";
import { fillIn, placeFor, startServer, until } from "./start-server.ts";

const run = promisify(execFile);
const programs = "/usr/lib/rabbitmq/bin";

/** A RabbitMQ node of its own, asked through its control program what it says of a login with each token as password. */
export const verifyByRabbitmq: Verify = async (policy, tokens, workspace) => {
  const place = await placeFor("rabbitmq", policy, workspace);
  const portOf = await freePorts(["auth", "products"]);
  const { folder } = place;
  await writeFile(path.join(folder, "plugins"), "[rabbitmq_auth_backend_oauth2].");
  const env = {
    ...process.env,
    HOME: folder,
    RABBITMQ_NODENAME: `verifier${place.port}@localhost`,
    RABBITMQ_DIST_PORT: String(portOf("auth")),
    ERL_EPMD_PORT: String(portOf("products")),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_MNESIA_BASE: path.join(folder, "data"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_CONFIG_FILE: await fillIn("rabbitmq.conf", place, workspace),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, "plugins"),
    RABBITMQ_PID_FILE: path.join(folder, "pid"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
  };
  const server = startServer(path.join(programs, "rabbitmq-server"), [], env);
  try {
    await until(server, async () => server.output().includes("Server startup complete"));
    const { stdout } = await run(path.join(programs, "rabbitmqctl"), ["eval", toExpression(tokens)], { env });
    return stdout.split("\n").filter((line) => /^(taken|refused) /.test(line));
  } finally {
    await server.stop();
    await run("epmd", ["-port", env.ERL_EPMD_PORT, "-kill"], { env }).catch(() => undefined); // it may have ended with the node
  }
};

/** Prints a line for each token. */
function toExpression(tokens: readonly string[]): string {
  const list = tokens.map((token) => `<<"${token}">>`).join(",");
  return `lists:foreach(fun(Token) -> io:format("~s~n", [
    case catch rabbit_access_control:check_user_pass_login(<<"user">>, Token) of
      {ok, User} -> ["taken ", element(2, User)];
      Refused -> ["refused ", string:slice(io_lib:format("~0p", [Refused]), 0, 200)]
    end]) end, [${list}]).`;
}
