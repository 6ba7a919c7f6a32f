import { describeRefusals, inertDeps } from "@countersign/testing";
import { createAuthRouter } from "./router.ts";

describeRefusals("auth", createAuthRouter(inertDeps()));
