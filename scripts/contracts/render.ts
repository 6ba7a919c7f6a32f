/** A router's type says what must not leave the house, or nothing. */
export class ContractError extends Error {
  override readonly name = "ContractError";
}

/** The one package that a contract may name, with its consumers. */
const publicPackage = "@trpc/server";

/**
 * Turns what the compiler declared of `export const contract = contractOf<…>()` into a declaration file that exports
 * the router's type under this name.
 *
 * @throws ContractError when it names anything but public packages, or has an `any` in it
 */
export function renderContract(type: string, declared: string): string {
  const body = /^export declare const contract: ([^]+);\s*$/.exec(declared)?.[1];
  if (body === undefined) throw new ContractError(`${type}: the compiler declared no contract.`);
  const names = new Set<string>();
  const text = body.replaceAll(/import\("([^"]+)"\)\.(\w+)/g, (_all, from: string, name: string) => {
    if (from !== publicPackage) throw new ContractError(`${type}: ${name} of ${from} is not public.`);
    names.add(name);
    return name;
  });
  const words = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  if (/\b(any|anyInContract)\b/.test(words)) throw new ContractError(`${type}: there is an any in it.`);
  if (/\bimport\b/.test(words)) throw new ContractError(`${type}: it imports a module as a whole.`);
  const imported = [...names].toSorted((a, b) => (a < b ? -1 : 1)).join(", ");
  return `// Made by \`npm run contracts\`.\nimport type { ${imported} } from "${publicPackage}";\n\nexport type ${type} = ${text};\n`;
}
