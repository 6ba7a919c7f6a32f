/** The users that the platform seeds outside of production, so that there is somebody to sign in as. */
export const demoUsers = [
  { email: "alice@example.com", password: "alice-demo-2026", roles: ["user"] },
  { email: "bob@example.com", password: "bob-demo-2026", roles: ["user"] },
  { email: "admin@example.com", password: "admin-demo-2026", roles: ["user", "admin"] },
] as const;
