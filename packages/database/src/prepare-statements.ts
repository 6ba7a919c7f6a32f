import type { Sql } from "postgres";

/**
 * Gives drizzle a client that prepares every statement with parameters. drizzle asks postgres.js to prepare only what
 * was named by `.prepare(name)`; all else is parsed and described anew each time, which costs a second round trip.
 * Covers what drizzle uses of a client: `options`, `unsafe`, `begin` and, in a transaction, `savepoint`.
 */
export function prepareStatements(sql: Sql): Sql {
  return wrap(sql) as unknown as Sql; // drizzle calls nothing but the members that `wrap` provides
}

type Nest = (run: (scope: Scope) => unknown) => Promise<unknown>;

/** A client, or the scope of a transaction or savepoint of one. */
type Scope = {
  readonly unsafe: Sql["unsafe"];
  readonly options?: Sql["options"];
  readonly begin?: Nest;
  readonly savepoint?: Nest;
};

function wrap(scope: Scope): Scope {
  const nest =
    (open: Nest): Nest =>
    (run) =>
      open((inner) => run(wrap(inner)));
  return {
    unsafe: (text, params, options) =>
      scope.unsafe(text, params, { ...options, prepare: params !== undefined && params.length > 0 }),
    ...(scope.options === undefined ? {} : { options: scope.options }),
    ...(scope.begin === undefined ? {} : { begin: nest(scope.begin) }),
    ...(scope.savepoint === undefined ? {} : { savepoint: nest(scope.savepoint) }),
  };
}
