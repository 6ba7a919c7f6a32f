import { StartError } from "../start-error.ts";

/** A process was started with settings that it cannot run with. The message names each variable and what is wrong with it. */
export class ConfigurationError extends StartError {
  override readonly name = "ConfigurationError";
}
