import { describeRefusals, inertDeps } from "@countersign/testing";
import { createProductsRouter } from "./router.ts";

describeRefusals("products", createProductsRouter(inertDeps()));
