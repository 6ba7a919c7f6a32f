import { usersCommand } from "../accounts/users-command.ts";
import { runCommand } from "./command.ts";

await runCommand((command) => usersCommand(process.argv.slice(2), command));
