import { describeRefusals, inertDeps } from "@countersign/testing";
import { createInventoryRouter } from "./router.ts";

describeRefusals("inventory", createInventoryRouter(inertDeps()));
