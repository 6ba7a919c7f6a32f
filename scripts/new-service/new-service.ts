/** The service to be. */
export type NewService = { readonly name: string; readonly port: number };
