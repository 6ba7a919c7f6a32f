import { type ServiceName, serviceNames, services } from "@countersign/access";
import { localOrigins } from "../local-origins.ts";
import { type SettingName, serviceUrlOf } from "./table.ts";

type OriginSettings = Readonly<Partial<Record<ReturnType<typeof serviceUrlOf>, string>>>;

/** Where each service is reached by these settings; its port on this machine for those that have no variable. */
export function originsFrom(settings: OriginSettings): Record<ServiceName, string> {
  const origins = localOrigins();
  for (const name of serviceNames) origins[name] = settings[serviceUrlOf(name)] ?? origins[name];
  return origins;
}

/** The settings that say where services are which this one does not call. */
export function originsLeftOut(service: ServiceName): readonly SettingName[] {
  const called: readonly ServiceName[] = services[service].calls;
  return serviceNames.filter((name) => !called.includes(name)).map(serviceUrlOf);
}
