import { services } from "@countersign/access";
import { secretsOf } from "@countersign/auth/app";
import { createLog, databaseOptions, eventsOptions, readEnv, runMain, shutdownDelayMs } from "@countersign/service";
import { servicesEnv } from "./env.ts";
import { describePlatform } from "./run/print-table.ts";
import { startServices } from "./run/start-services.ts";

/** `npm run start:services`: each service as a process of its own, on PostgreSQL. */
await runMain(async (shutdown) => {
  const settings = readEnv(servicesEnv, process.env);
  const log = createLog({ service: "platform", level: settings.LOG_LEVEL });
  const seed = settings.NODE_ENV !== "production";
  const platform = await startServices({
    dataDir: settings.DATA_DIR,
    databaseUrl: settings.DATABASE_URL,
    databaseOptions: databaseOptions(settings),
    eventsUrl: eventsOptions(settings).eventsUrl,
    secrets: await secretsOf(settings, settings.DATA_DIR),
    publicUrl: settings.PUBLIC_URL,
    algorithm: settings.TOKEN_ALG,
    seed,
    portOf: (name) => (name === "gateway" ? settings.PORT : services[name].port),
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
