import type { Version } from "./claims.ts";

/** The claim of a version. The first one is left out: most accounts never have another, and a claim costs its bytes. */
export function toWireVersion<Name extends string>(name: Name, version: Version): { readonly [Key in Name]?: Version } {
  const claim: { [Key in Name]?: Version } = {};
  if (version !== 0) claim[name] = version;
  return claim;
}
