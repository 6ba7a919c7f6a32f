/**
 * What a signed-in user may do. A role is a named bundle of permissions; tokens carry roles only, and every service
 * derives the permissions from this table, so a token stays small and a change here reaches all services at once.
 */
export const roles = {
  user: ["orders:place", "orders:read", "orders:cancel"],
  admin: [
    "orders:place",
    "orders:read",
    "orders:cancel",
    "orders:read-all",
    "products:write",
    "users:read",
    "users:write",
    "audit:read",
    "keys:read",
    "keys:write",
  ],
} as const;

/** A role that a user can hold. */
export type Role = keyof typeof roles;

/** One thing that a role allows. */
export type Permission = (typeof roles)[Role][number];

/** Every role, in the order of the table. */
export const roleNames = Object.keys(roles) as readonly Role[]; // the keys of a const object are exactly `Role`

/** Narrows a string from outside, for example a claim, to a declared role. */
export function isRole(name: string): name is Role {
  return Object.hasOwn(roles, name);
}

/** Narrows a string from outside, for example a claim, to a declared permission. */
export function isPermission(name: string): name is Permission {
  return permissions.has(name);
}

/** The permissions that any of these roles grants, each once. */
export function permissionsOf(held: readonly Role[]): readonly Permission[] {
  return [...new Set(held.flatMap((role): readonly Permission[] => roles[role]))];
}

const permissions: ReadonlySet<string> = new Set(permissionsOf(roleNames));
