import { ConfigurationError, connectChassis, fetchOver, openServiceKey, watchDatabase } from "@countersign/service";
import type { PlatformService } from "../services.ts";
import { loopback, type Shared } from "./shared.ts";

/** Starts one domain service behind its door: connected to auth, with its work beside answering. */
export async function startDomain(service: PlatformService, shared: Shared): Promise<void> {
  const { options, database, transport, bus, limits, doors, issuer, origins, keyFiles, shutdown } = shared;
  const { name } = service;
  const keyFile = keyFiles.get(name);
  if (keyFile === undefined) throw new ConfigurationError(`There is no key for the service ${name}.`);
  const log = options.log(name);
  const chassis = connectChassis({
    service: name,
    issuer,
    insecureSharedSecrets: options.insecureAcceptedSecrets ?? options.insecureSharedSecrets ?? null,
    tokenCheck: options.tokenCheck?.(name, doors.gateway.url) ?? { by: "keys" },
    origins,
    key: await openServiceKey(keyFile, { service: name, log }),
    bus,
    trustedProxies: loopback,
    limits,
    tracer: options.tracing?.tracerOf(name),
    isStopping: shared.shutdown.isStopping,
    log,
    now: Date.now,
    fetch: fetchOver(transport),
  });
  watchDatabase(chassis.metrics, database);
  const app = service.createApp({ chassis, database });
  await chassis.feed.ready;
  doors[name].lead(app.fetch);
  const work = service.startWork?.({ chassis, database });
  shutdown.add(() => chassis.feed.close());
  shutdown.add(() => work?.stop());
  shutdown.add(() => doors[name].stop());
}
