import { services } from "../packages/access/src/index.ts";
import { checkName, NameRefusedError } from "./new-service/check-name.ts";
import { nextPort } from "./new-service/next-port.ts";
import { planService } from "./new-service/plan.ts";
import { settleService } from "./new-service/settle.ts";
import { writeAll } from "./new-service/write-all.ts";

/**
 * `npm run new:service -- billing`: writes a service of the house's shape and registers it everywhere, or refuses and
 * changes nothing. Needs no network: all that a service depends on is installed.
 */
// Ctrl-C ends the tool that runs at the moment; its failure takes back what was written.
process.on("SIGINT", () => undefined);
try {
  const name = checkName(process.argv.slice(2));
  const port = nextPort(Object.values(services).map((service) => service.port));
  const plan = await planService({ name, port });
  await writeAll(plan, () => settleService({ name, paths: [...plan.keys()] }));
  console.log(`apps/${name} is there, on port ${port}, and registered. Now: npm test`);
  console.log("Who may call it and what it passes on is said in packages/access/src/services.ts.");
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NameRefusedError ? 2 : 1;
}
