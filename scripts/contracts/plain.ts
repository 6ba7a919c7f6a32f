import type {
  AnyTRPCRouter,
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from "@trpc/server";

/**
 * The type of a router as a consumer outside of the workspace needs it: what goes in, what comes out, and the shape of
 * errors, with context and meta left out and every name of ours written out. It is a function so that the compiler,
 * which prints declarations, has to say what it found: `export const contract = contractOf<OrdersRouter>()`.
 *
 * The names below are not exported on purpose: the compiler could then print them instead of what they stand for.
 */
export declare function contractOf<Router extends AnyTRPCRouter>(): TRPCBuiltRouter<
  {
    ctx: object;
    meta: object;
    errorShape: Plain<Router["_def"]["_config"]["$types"]["errorShape"]>;
    transformer: false;
  },
  Procedures<Router["_def"]["record"]>
>;

type Procedures<Names> = {
  [Name in keyof Names]: Names[Name] extends { _def: { type: infer Kind; $types: infer Types extends InAndOut } }
    ? Procedure<Kind, { input: Plain<Types["input"]>; output: Plain<Types["output"]>; meta: object }>
    : Procedures<Names[Name]>;
};

type InAndOut = { input: unknown; output: unknown };

type Procedure<Kind, Types extends InAndOut & { meta: object }> = Kind extends "query"
  ? TRPCQueryProcedure<Types>
  : Kind extends "mutation"
    ? TRPCMutationProcedure<Types>
    : TRPCSubscriptionProcedure<Types>;

/** What has no parts of ours. */
type Leaf = void | number | boolean | bigint | symbol | null | Date | Uint8Array;

type Plain<T> = 0 extends 1 & T
  ? { anyInContract: never }
  : unknown extends T
    ? unknown
    : Words<Extract<T, string>> | Parts<Exclude<T, string>>;

/** Literals under a name of ours keep the name until each is taken apart and put together again. */
type Words<T extends string> = string extends T ? string : Word<`.${T}`>;
type Word<T> = T extends `.${infer Text}` ? Text : never;

type Parts<T> = T extends Leaf
  ? T
  : T extends readonly unknown[]
    ? { [Key in keyof T]: Plain<T[Key]> }
    : T extends AsyncIterable<infer Item, infer Return, infer Next>
      ? AsyncIterable<Plain<Item>, Return, Next>
      : Fields<T, keyof T & string>;

/**
 * An object by the names of its fields and not by `keyof` itself: a mapped type keeps the declarations of the fields
 * that it maps, and the compiler then prints their annotations, which name what is ours.
 */
type Fields<T, Names extends string> = Merged<
  { [Name in Names as IsOptional<T, Name> extends true ? never : Name]: Field<T, Name> } & {
    [Name in Names as IsOptional<T, Name> extends true ? Name : never]?: Field<T, Name>;
  }
>;
type Merged<T> = { [Name in keyof T]: T[Name] };
type Field<T, Name> = Name extends keyof T ? Plain<T[Name]> : never;
type IsOptional<T, Name> = Name extends keyof T ? (object extends Pick<T, Name> ? true : false) : never;
