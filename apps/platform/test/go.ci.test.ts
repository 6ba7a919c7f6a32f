import { describeVerifier } from "./foreign/describe-verifier.ts";
import { go } from "./foreign/examples.ts";

describeVerifier(go);
