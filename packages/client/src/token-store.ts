/** What a client in bearer mode holds between calls. */
export type BearerTokens = { readonly accessToken: string; readonly refreshToken: string };

/** Where a client in bearer mode keeps its tokens: memory, a keychain, an encrypted file. Null means signed out. */
export type TokenStore = {
  get(): BearerTokens | null | Promise<BearerTokens | null>;
  set(tokens: BearerTokens | null): void | Promise<void>;
};

/** A store that forgets with the process: for scripts and tests. */
export function createMemoryTokenStore(initial: BearerTokens | null = null): TokenStore {
  let held = initial;
  return {
    get: () => held,
    set: (tokens) => {
      held = tokens;
    },
  };
}
