import { defineConfig } from "drizzle-kit";

/** `npx drizzle-kit generate` in this folder writes the next migration from these files. */
export default defineConfig({
  dialect: "postgresql",
  schema: ["./src/schema.ts", "./src/schema-mail.ts", "./src/schema-links.ts"],
  out: "./drizzle",
});
