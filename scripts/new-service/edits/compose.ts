import type { NewService } from "../new-service.ts";
import { EditError, insertAfter, insertSorted } from "./edit-error.ts";

/**
 * A container as that of inventory, its key, its role in the database, where the others find it, and that the gateway waits for it. Services,
 * conditions and volumes stay in the order of their names, as the linter of compose files wants them.
 */
export function compose(text: string, service: NewService): string {
  const { name, port } = service;
  const edits: ((text: string) => string)[] = [
    (all) => insertAfter(all, /^x-environment:.*\n(?: {2}.+\n)*? {2}INVENTORY_URL: .+\n/, originLine(service)),
    (all) =>
      within(all, /^services:\n[^]*?(?=^networks:)/, (part) => insertBlock(part, name, modelBlock(part, service))),
    (all) => within(all, /^ {2}gateway:\n {4}depends_on:\n(?: {6}.+\n)+/, (part) => insertCondition(part, name)),
    (all) => insertSorted(all, /^ {6}- [a-z0-9]+-key:\/keys\/[a-z0-9]+\n/, `      - ${name}-key:/keys/${name}\n`),
    (all) => insertSorted(all, /^ {6}- database_url_[a-z0-9]+\n/, `      - database_url_${name}\n`),
    (all) => insertSorted(all, /^ {6}- --role=[a-z0-9]+=.+\n/, roleLine(name)),
    (all) => insertSorted(all, /^ {2}database_url_[a-z0-9]+:\n {4}file: .+\n/, secretLines(name)),
    (all) => insertAfter(all, /^ +for service in [a-z0-9 ]+(?=; do)/, ` ${name}`),
    (all) =>
      within(all, /^volumes:\n(?: {2}.+\n)+/, (part) => insertSorted(part, /^ {2}\S+: \{\}\n/, `  ${name}-key: {}\n`)),
  ];
  const edited = edits.reduce((all, edit) => edit(all), text);
  if (!edited.includes(`PORT: "${port}"`)) throw new EditError("The container of inventory names no port.");
  return edited;
}

function originLine({ name, port }: NewService): string {
  return `  ${name.toUpperCase()}_URL: http://${name}:${port}\n`;
}

function roleLine(name: string): string {
  return `      - --role=${name}=/run/secrets/database_url_${name}\n`;
}

function secretLines(name: string): string {
  return `  database_url_${name}:\n    file: ./secrets/database_url_${name}\n`;
}

/** The block of inventory, said of the service. */
function modelBlock(services: string, { name, port }: NewService): string {
  const block = /^ {2}inventory:\n(?: {4}.+\n)+/m.exec(services)?.[0];
  if (block === undefined) throw new EditError("Expected the container of inventory.");
  return `${block.replaceAll("inventory", name).replace(/PORT: "\d+"/, `PORT: "${port}"`)}\n`;
}

/** Before the first service that comes after it by name, or before that one's comment. */
function insertBlock(services: string, name: string, block: string): string {
  const heads = [...services.matchAll(/^(?: {2}#.*\n)*^ {2}([a-z0-9-]+):\n/gm)];
  const next = heads.find(([, other = ""]) => other > name);
  if (next === undefined) return `${services.trimEnd()}\n\n${block}`;
  return services.slice(0, next.index) + block + services.slice(next.index);
}

function insertCondition(gateway: string, name: string): string {
  return insertSorted(
    gateway,
    /^ {6}[a-z0-9]+:\n {8}condition: .+\n/,
    `      ${name}:\n        condition: service_healthy\n`,
  );
}

/** Edits the one part that the pattern matches. */
function within(text: string, pattern: RegExp, edit: (part: string) => string): string {
  const part = new RegExp(pattern, "m").exec(text);
  if (part === null) throw new EditError(`Expected a part like ${String(pattern)}.`);
  return text.slice(0, part.index) + edit(part[0]) + text.slice(part.index + part[0].length);
}
