import { createLog, originsFrom, readEnv, serve, stopOnSignals } from "@countersign/service";
import { createApp, createTransport } from "./app.ts";
import { gatewayEnv } from "./env.ts";

const settings = readEnv(gatewayEnv, process.env);
const log = createLog({ service: "gateway", level: settings.LOG_LEVEL });
const transport = createTransport();
const app = createApp({
  upstreams: originsFrom(settings),
  publicOrigin: settings.PUBLIC_URL,
  allowedOrigins: settings.ALLOWED_ORIGINS,
  trustedProxies: settings.TRUSTED_PROXIES,
  demo: settings.NODE_ENV !== "production",
  forward: transport.forward,
  log,
  now: Date.now,
});
const served = await serve(app.fetch, { port: settings.PORT, hostname: settings.HOST, log });
log.info({ url: served.url }, "Listening.");
stopOnSignals(log, async () => {
  await served.stop();
  await transport.close();
});
