import { runService } from "@countersign/service";
import * as app from "./app.ts";

await runService("inventory", app, process.env);
