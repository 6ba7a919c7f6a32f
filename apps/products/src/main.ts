import { runService } from "@countersign/service";
import * as app from "./app.ts";

await runService("products", app, process.env);
