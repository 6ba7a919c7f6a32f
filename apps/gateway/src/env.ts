import { gatewayPort, serviceNames } from "@countersign/access";
import { originSettings, setting } from "@countersign/service";
import { z } from "zod";

/** The environment of the gateway; `.env.example` has a line on each variable. */
export const gatewayEnv = z.object({
  ...originSettings(serviceNames),
  PORT: setting.port(gatewayPort),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: setting.origin(`http://localhost:${gatewayPort}`),
  ALLOWED_ORIGINS: origins(),
  TRUSTED_PROXIES: setting.networks().default([]),
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: setting.logLevel("info"),
});

/** Separated by commas; none when unset. */
function origins() {
  return z
    .string()
    .transform((list): (string | undefined)[] => list.split(",").map((entry) => entry.trim()))
    .pipe(z.array(setting.origin("")))
    .default([]);
}
