/** How long the links in mails are good, in milliseconds from when they were asked for. */
export const linkLife = {
  sign_in: 10 * 60_000,
  reset: 30 * 60_000,
  verify: 24 * 3600_000,
  register: 3600_000,
  change: 3600_000,
  undo: 7 * 24 * 3600_000,
} as const;
