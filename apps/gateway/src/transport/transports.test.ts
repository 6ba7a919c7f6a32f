import { runTransportContract } from "../../test/transport-contract.ts";
import { createTransport } from "./for-runtime.ts";

// Each on the runtime that it is for: Node's fetch decodes answers, and Bun has an undici of its own.
runTransportContract("Bun" in globalThis ? "fetch" : "undici", createTransport);
