import { describe, expect, it } from "vitest";
import { describeNames } from "./describe-names.ts";
import { findNearNames, variableNames } from "./near-names.ts";

describe("a name that is nearly that of a setting", () => {
  it.each([
    ["ALOWED_ORIGINS", "ALLOWED_ORIGINS"],
    ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
    ["ORIGINS_ALLOWED", "ALLOWED_ORIGINS"],
    ["allowed_origins", "ALLOWED_ORIGINS"],
    ["TRUSTED_PROXY", "TRUSTED_PROXIES"],
    ["TRUST_PROXIES", "TRUSTED_PROXIES"],
    ["DATABASEURL", "DATABASE_URL"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["DATABSE_URL", "DATABASE_URL"],
    ["SECRET_KEY", "SECRETS_KEY"],
    ["SECRETS_KEYS", "SECRETS_KEY"],
    ["SECRET_KEY_FILE", "SECRETS_KEY_FILE"],
    ["REDIS_URL_FILES", "REDIS_URL_FILE"],
    ["UPSTREAM", "UPSTREAMS"],
    ["PROT", "PORT"],
    ["TOKENCHECK", "TOKEN_CHECK"],
    ["MAX_INFLIGHT", "MAX_IN_FLIGHT"],
    ["MAX_SESSION_PER_USER", "MAX_SESSIONS_PER_USER"],
    ["LIMIT", "LIMITS"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["PUBLICURL", "PUBLIC_URL"],
  ])("is told from it: %s", (name, meant) => {
    expect(findNearNames({ [name]: "hunter2" })).toEqual([{ name, meant }]);
  });

  it("is none of what other programs read, nor a setting itself", () => {
    const foreign =
      "HOME PATH PWD USER SHELL LANG TERM HOSTNAME HOSTTYPE EDITOR TZ CI DEBUG DB_URL DATABASE TMPDIR OLDPWD SHLVL _ " +
      "LOGNAME NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NO_COLOR TEST_DATABASE_URL OTEL_EXPORTER_OTLP_HEADERS " +
      "OTEL_TRACES_SAMPLER OTEL_EXPORTER_OTLP_PROTOCOL OTEL_SERVICE_NAME POSTGRES_PASSWORD POSTGRES_USER PGHOST PGPORT " +
      "npm_config_cache npm_config_noproxy npm_node_execpath npm_lifecycle_event npm_package_json INIT_CWD COLORTERM " +
      "HTTP_PROXY HTTPS_PROXY NO_PROXY KUBERNETES_SERVICE_HOST KUBERNETES_PORT HEALTH_PATH SSH_AUTH_SOCK XDG_DATA_DIRS " +
      "XDG_DATA_HOME XDG_RUNTIME_DIR DISPLAY MAIL PAGER LESS DISPLAY VISUAL COMPOSE_FILE COMPOSE_PROJECT_NAME GITHUB_TOKEN " +
      "AUTH_PORT AUTH_SERVICE_HOST AUTH_PORT_4001_TCP PRODUCTS_PORT ORDERS_PORT REDIS_PORT NATS_URL";
    const names = [...foreign.split(" "), ...variableNames];
    expect(findNearNames(Object.fromEntries(names.map((name) => [name, "x"])))).toEqual([]);
  });
});

describe("what a start says of names", () => {
  const env = { ALOWED_ORIGINS: "hunter2", AUTH_URL: "hunter2", ORDERS_URL: "" };

  it("is the right name, never the value, in every way of running", () => {
    for (const reader of ["gateway", "auth", "service", "start", "start:services", "command"] as const) {
      const said = describeNames(reader, env);
      expect(said).toContain("ALOWED_ORIGINS is not a setting; ALLOWED_ORIGINS is.");
      expect(said.join("\n")).not.toContain("hunter2");
    }
  });

  it("is that a setting does nothing where every process is started together", () => {
    expect(describeNames("start", env)).toContainEqual(
      expect.stringMatching(/^AUTH_URL does nothing with npm start: /),
    );
    expect(describeNames("start:services", env)).toHaveLength(2);
    expect(describeNames("service", env)).toHaveLength(1);
  });
});
