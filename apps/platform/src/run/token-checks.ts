import { type ServiceName, serviceNames } from "@countersign/access";
import { ConfigurationError, type SettingsOf } from "@countersign/service";

type Settings = Pick<SettingsOf<"start">, "TOKEN_CHECK" | "ASSERTED_SERVICES">;

/**
 * The services that take the gateway's signed word on users, by these settings: with `TOKEN_CHECK=gateway` those of
 * ASSERTED_SERVICES, every service but auth by default; the others check by auth's keys.
 *
 * @throws ConfigurationError for ASSERTED_SERVICES without `TOKEN_CHECK=gateway`: none would take that word
 */
export function assertedServices({ TOKEN_CHECK: by, ASSERTED_SERVICES: named }: Settings): readonly ServiceName[] {
  if (by === "gateway") return named ?? serviceNames.filter((name) => name !== "auth");
  if (named === undefined) return [];
  throw new ConfigurationError(
    "ASSERTED_SERVICES: has a meaning with TOKEN_CHECK=gateway only; set that, or unset it.",
  );
}
