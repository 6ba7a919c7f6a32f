import { servicesCommand } from "../services/services-command.ts";
import { runCommand } from "./command.ts";

await runCommand((command) => servicesCommand(process.argv.slice(2), command));
