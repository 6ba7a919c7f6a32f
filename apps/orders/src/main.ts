import { runService } from "@countersign/service";
import * as app from "./app.ts";

await runService("orders", app, process.env);
