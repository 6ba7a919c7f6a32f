import { writeFile } from "node:fs/promises";
import { readRouters } from "./access/read-routers.ts";
import { renderAccess } from "./access/render-table.ts";

/** `npm run access`: prints who may call what, and writes it to docs/access.md. */
const page = renderAccess(readRouters());
await writeFile(new URL("../../../docs/access.md", import.meta.url), page);
process.stdout.write(page);
