import { serviceNames } from "@countersign/access";
import { describeNames } from "@countersign/service";

/**
 * Says, before `docker compose up` starts the services, which names in `.env` are no settings and which settings do nothing
 * there: a container gets the variables that docker-compose.yml names, and would not see a misspelt one.
 */
const { TOKEN_CHECK: check, ASSERTED_SERVICES: asserted = "" } = process.env;
const domain = serviceNames.filter((name) => name !== "auth").join(",");
const unasserted =
  check === "gateway" && asserted === "" ? [`With TOKEN_CHECK=gateway, set ASSERTED_SERVICES=${domain}.`] : [];
for (const sentence of [...describeNames("compose", process.env), ...unasserted]) {
  process.stderr.write(`Warning: ${sentence}\n`);
}
