/** Whether a request failed because the broker does not permit it to this user. */
export function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "PermissionViolationError" || isForbidden(error.cause);
}
