import type { Program } from "./program.ts";
import { verifyByDovecot } from "./verify-dovecot.ts";
import { verifyByApache, verifyByHaproxy } from "./verify-http.ts";
import { verifyByRabbitmq } from "./verify-rabbitmq.ts";

/** Servers, each with a configuration of `examples/verifiers/servers`. */
export const servers: readonly Program[] = [
  {
    name: "HAProxy",
    from: { debian: "haproxy" },
    refuses: ["list", "EdDSA"],
    ignores: ["type"],
    verify: verifyByHaproxy,
  },
  {
    name: "mod_auth_openidc",
    from: { debian: "libapache2-mod-auth-openidc" },
    refuses: ["EdDSA"],
    ignores: ["type", "endless"],
    verify: verifyByApache("apache-openidc.conf"),
  },
  {
    name: "mod_oauth2",
    from: { debian: "libapache2-mod-oauth2" },
    refuses: ["EdDSA"],
    ignores: ["type", "endless"],
    verify: verifyByApache("apache-oauth2.conf"),
  },
  {
    name: "Dovecot",
    from: { debian: "dovecot-core" },
    refuses: ["EdDSA"],
    refusesType: true,
    needsRoot: true,
    verify: verifyByDovecot,
  },
  {
    name: "RabbitMQ",
    from: { debian: "rabbitmq-server" },
    refuses: ["service"],
    subject: "client_id",
    ignores: ["type", "endless", "issuer"],
    verify: verifyByRabbitmq,
  },
];
