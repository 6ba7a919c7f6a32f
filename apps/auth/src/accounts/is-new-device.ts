import type { AuthDeps } from "../deps.ts";

/** Whether the owner of an account is to be told of a sign-in: at a device that is not known, a few times an hour at most. */
export async function isNewDevice(deps: AuthDeps, userId: string, devices: readonly string[]): Promise<boolean> {
  if (deps.mail === null || deps.knownDevices.find(userId, devices) !== null) return false;
  return (await deps.limits.notice(userId)).allowed;
}
