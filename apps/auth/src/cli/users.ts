import { readUsersCommand } from "../accounts/users-command.ts";
import { runCommand } from "./command.ts";

await runCommand(readUsersCommand);
