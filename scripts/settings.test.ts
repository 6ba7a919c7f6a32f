import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { serviceNames } from "../packages/access/src/index.ts";
import {
  describeNames,
  type Reader,
  readingOf,
  type SettingName,
  serviceUrlOf,
  settingNames,
  variableNames,
  variablesOf,
} from "../packages/service/src/index.ts";

const compose = readFileSync("docker-compose.yml", "utf8");
const urls: readonly string[] = serviceNames.map(serviceUrlOf);

/** What docker-compose.yml sets itself, as its check of `.env` says; HOST comes from the image. */
const everything = Object.fromEntries(variableNames.map((name) => [name, "x"]));
const setByCompose = describeNames("compose", everything).map((sentence) => sentence.split(" ")[0] ?? "");

it(".env.example has a line on exactly the variables that are read, in the order of the table", () => {
  const lines = readFileSync(".env.example", "utf8").split("\n");
  const described = lines.flatMap((line) => /^#([A-Z0-9_]+)= +# \S/.exec(line)?.[1] ?? []);
  expect(described).toEqual(variableNames);
});

describe("docker-compose.yml", () => {
  it("takes from .env exactly the variables that a process reads and that it does not set itself", () => {
    const taken = new Set([...compose.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name = ""]) => name));
    expect([...taken].toSorted()).toEqual(variableNames.filter((name) => !setByCompose.includes(name)).toSorted());
  });

  it.each(["gateway", ...serviceNames])("gives %s exactly the settings that it reads", (name) => {
    const reader = name === "gateway" || name === "auth" ? name : "service";
    const given = variablesGivenTo(name).filter((variable) => variable !== "HEALTH_PATH" && !urls.includes(variable));
    const read = settingNames.filter((setting) => readingOf(reader, setting) !== undefined && !urls.includes(setting));
    const inOneForm = (setting: SettingName) => variablesOf(setting).some((variable) => given.includes(variable));
    expect(read.filter((setting) => !inOneForm(setting) && !notGiven(name, setting))).toEqual([]);
    expect(given.filter((variable) => !read.flatMap(variablesOf).includes(variable))).toEqual([]);
  });

  it("has the image say where a process listens", () => {
    expect(readFileSync("Dockerfile", "utf8")).toContain("ENV NODE_ENV=production HOST=0.0.0.0");
  });
});

describe("the guide on operating", () => {
  const [, guide = ""] = /^## Settings$(.*?)^## Ports$/ms.exec(readFileSync("docs/guides/operating.md", "utf8")) ?? [];
  const readers: readonly Reader[] = ["gateway", "auth", "service", "start", "start:services"];
  const rows = [...guide.matchAll(/^\| ((?:`[A-Z<>_]+`(?:, )?)+) \|(.*)\|$/gm)].map(([, names = "", cells = ""]) => ({
    names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    marks: cells.split("|").slice(0, readers.length),
  }));

  it("has a row on exactly the settings that these processes read", () => {
    const described = rows.flatMap(({ names }) => names.flatMap((name) => (name === "<SERVICE>_URL" ? urls : [name])));
    expect(described.toSorted()).toEqual(settingNames.toSorted());
  });

  it("says who reads each", () => {
    for (const { names, marks } of rows) {
      for (const name of names) {
        const setting = settingNames.find((each) => each === (name === "<SERVICE>_URL" ? urls[0] : name));
        if (setting === undefined) continue;
        const read = readers.map((reader) => (readingOf(reader, setting) === undefined ? "" : "x"));
        expect([name, ...marks.map((mark) => mark.trim())]).toEqual([name, ...read]);
      }
    }
  });
});

/** The gateway of compose has no database: NATS brings it revocations. */
function notGiven(container: string, setting: SettingName): boolean {
  return setting === "HOST" || (container === "gateway" && setting === "DATABASE_URL");
}

/** The variables in the environment of a container, with those of the anchors that it merges. */
function variablesGivenTo(name: string): readonly string[] {
  const [, services = ""] = compose.split("\nservices:\n");
  const block = new RegExp(`^ {2}${name}:\\n(?:(?: {4}.*)?\\n)+`, "m").exec(services)?.[0] ?? "";
  return variablesIn(/^ {4}environment:\n((?: {6}.*\n)+)/m.exec(block)?.[1] ?? "");
}

function variablesIn(lines: string): readonly string[] {
  const merged = [...lines.matchAll(/<<: \*([\w-]+)/g)].flatMap(([, anchor = ""]) =>
    variablesIn(new RegExp(`^x-[\\w-]+: &${anchor}\\n((?: {2}.*\\n)+)`, "m").exec(compose)?.[1] ?? ""),
  );
  return [...merged, ...[...lines.matchAll(/^ +([A-Z0-9_]+):/gm)].map(([, variable = ""]) => variable)];
}
