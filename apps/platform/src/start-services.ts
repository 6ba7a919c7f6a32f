import { secretsOf } from "@countersign/auth/app";
import {
  ConfigurationError,
  createLog,
  databaseOptions,
  eventsOptions,
  insecureSecretsOf,
  readSettingsAtStart,
  readTokenCheck,
  runMain,
  shutdownDelayMs,
} from "@countersign/service";
import { advisePort, checkPorts } from "./run/advise-port.ts";
import { portsFrom } from "./run/ports.ts";
import { describePlatform } from "./run/print-table.ts";
import { startServices } from "./run/start-services.ts";
import { assertedServices } from "./run/token-checks.ts";

/** `npm run start:services`: each service as a process of its own, on PostgreSQL. */
await runMain(async (shutdown) => {
  const settings = readSettingsAtStart("start:services", process.env);
  const log = createLog({ service: "platform", level: settings.LOG_LEVEL });
  const { PORT: port, HOST: hostname } = settings;
  const portOf = portsFrom(port);
  const sharesSecret = insecureSecretsOf(settings).insecureAcceptedSecrets !== null;
  if (port === 0)
    throw new ConfigurationError("PORT: is 1 or more here: every process has to know the ports of the others.");
  readTokenCheck(settings, { gateway: "", sharesSecret });
  eventsOptions(settings);
  await checkPorts(portOf, hostname).catch(async (error: unknown) => {
    throw await advisePort(error, { port, hostname });
  });
  const platform = await startServices({
    dataDir: settings.DATA_DIR,
    keysDir: settings.SERVICE_KEYS_DIR,
    databaseUrl: settings.DATABASE_URL,
    databaseOptions: databaseOptions(settings),
    secrets: await secretsOf(settings),
    publicUrl: settings.PUBLIC_URL ?? `http://localhost:${portOf("gateway")}`,
    algorithm: settings.TOKEN_ALG,
    seed: settings.NODE_ENV !== "production",
    hostname,
    portOf,
    asserted: assertedServices(settings),
    env: { ...process.env, LOG_LEVEL: settings.LOG_LEVEL },
    log,
    onLost: (name) => {
      log.error({ service: name }, "A service ended by itself; stopping the others.");
      process.exitCode = 1;
      process.kill(process.pid, "SIGTERM");
    },
    shutdown,
  });
  shutdown.delayBy(shutdownDelayMs(settings), platform.announceStop);
  process.stdout.write(`${await describePlatform(platform)}\n`);
});
