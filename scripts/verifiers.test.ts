import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { libraries } from "./prove/verifiers/libraries.ts";
import { membersOf } from "./prove/verifiers/members-of.ts";
import type { Program } from "./prove/verifiers/program.ts";
import { servers } from "./prove/verifiers/servers.ts";

const guide = readFileSync("docs/guides/other-languages.md", "utf8");
const manifest = membersOf(readFileSync("examples/verifiers/node/package.json", "utf8"));
const versions = membersOf(JSON.stringify(manifest.get("dependencies")));
const words = {
  expired: "`exp`",
  audience: "`aud`",
  issuer: "`iss`",
  type: "`typ`",
  endless: "a missing `exp`",
} as const;
const order = ["expired", "audience", "issuer", "type", "endless"] as const;

it.each([...libraries, ...servers])(
  "the guide's row on $name says what `npm run prove:verifiers` asserts",
  (program) => {
    const row = guide.split("\n").find((line) => line.startsWith(`| ${program.name} ${versionIn(program)}`)) ?? "";
    const [, , takes = "", , ignores = ""] = row.split("|").map((cell) => cell.trim());
    expect(takes).toBe(takenBy(program));
    expect(ignores).toBe(order.flatMap((what) => (program.ignores?.includes(what) ? words[what] : [])).join(", "));
  },
);

/** The version of an npm package; Debian's are printed by the run. */
function versionIn({ from }: Program): string {
  return "npm" in from ? String(versions.get(from.npm)) : "";
}

function takenBy({ refuses = [], refusesType = false }: Program): string {
  const taken = (["RS256", "ES256", "EdDSA"] as const).filter((algorithm) => !refuses.includes(algorithm));
  return refusesType ? "none" : taken.join(", ");
}
