/**
 * A function under every path, so that `proxy.a.b(input)` is `call(["a", "b"], input)`: what a typed caller is at run
 * time. `then` is no path, so that awaiting a half-written one is harmless.
 */
export function pathProxy(
  path: readonly string[],
  call: (path: readonly string[], input: unknown) => Promise<unknown>,
): unknown {
  return new Proxy(() => undefined, {
    get: (_target, name) =>
      typeof name === "string" && name !== "then" ? pathProxy([...path, name], call) : undefined,
    apply: (_target, _self, [input]: unknown[]) => call(path, input),
  });
}
