import { readServicesCommand } from "../services/services-command.ts";
import { runCommand } from "./command.ts";

await runCommand(readServicesCommand);
