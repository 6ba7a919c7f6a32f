import type { ServiceName } from "@countersign/access";
import * as inventory from "@countersign/inventory/app";
import * as orders from "@countersign/orders/app";
import * as products from "@countersign/products/app";
import type { DomainService } from "@countersign/service";

/** A domain service as the platform runs it. */
export type PlatformService = DomainService & { readonly name: Exclude<ServiceName, "auth"> };

/** The domain services that the platform runs beside auth and the gateway. A new service adds its line here. */
export const domainServices: readonly PlatformService[] = [
  { name: "products", ...products },
  { name: "orders", ...orders },
  { name: "inventory", ...inventory },
];
