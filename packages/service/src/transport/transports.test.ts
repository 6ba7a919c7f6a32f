import { runTransportContract } from "../../test/transport-contract.ts";
import { createTransport } from "./http.ts";

runTransportContract("HTTP/1.1", createTransport);
