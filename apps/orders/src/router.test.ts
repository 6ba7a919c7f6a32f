import { describeRefusals, inertDeps } from "@countersign/testing";
import { createOrdersRouter } from "./router.ts";

describeRefusals("orders", createOrdersRouter(inertDeps()));
