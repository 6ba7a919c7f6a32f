export { demoUsers } from "@countersign/auth/app";
