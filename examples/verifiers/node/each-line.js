import { createInterface } from "node:readline";

/** Verifies each line of the standard input, and answers with `taken <subject>` or `refused <why>`. */
export async function eachLine(verify) {
  for await (const line of createInterface(process.stdin)) {
    try {
      console.log(`taken ${await verify(line.trim())}`);
    } catch (error) {
      console.log(`refused ${error.name} ${error.code ?? ""} ${error.message}`.replaceAll("\n", " "));
    }
  }
  process.exit(0);
}

export const { ISSUER: issuer, AUDIENCE: audience, ALGORITHM: algorithm, JWKS_URL: jwksUrl } = process.env;
