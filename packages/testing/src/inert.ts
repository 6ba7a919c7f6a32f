/**
 * Dependencies that do nothing, for reading what a router declares without a database behind it: procedures are built
 * from them and must not be carried out.
 */
export function inertDeps(): never {
  const inert: object = new Proxy(() => inert, { get: () => inert });
  return inert as never; // fits every type of dependencies because nothing is ever called on it
}
