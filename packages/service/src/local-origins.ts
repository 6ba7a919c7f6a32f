import { type ServiceName, serviceNames, services } from "@countersign/access";

/** Where every service is reached in development: its port on this machine. */
export function localOrigins(): Record<ServiceName, string> {
  const origins = serviceNames.map((name) => [name, `http://127.0.0.1:${services[name].port}`]);
  return Object.fromEntries(origins) as Record<ServiceName, string>; // made from every name
}
