import { ContractError } from "./render.ts";

/** The manifest of the package of contracts: types only, for the version of tRPC that the routers are made with. */
export function manifestOf(services: readonly string[], root: string): object {
  const { version, trpc } = readRoot(root);
  return {
    name: "@countersign/contracts",
    version,
    description: "The types of Countersign's routers, for clients outside of its repository",
    license: "MIT",
    type: "module",
    exports: Object.fromEntries(services.map((service) => [`./${service}`, { types: `./${service}.d.ts` }])),
    peerDependencies: { "@trpc/server": trpc },
  };
}

function readRoot(text: string): { readonly version: string; readonly trpc: string } {
  const version = /"version": "([^"]+)"/.exec(text)?.[1];
  const trpc = /"@trpc\/server": "([^"]+)"/.exec(text)?.[1];
  if (version === undefined || trpc === undefined) throw new ContractError("package.json names no version.");
  return { version, trpc };
}
