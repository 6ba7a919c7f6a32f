import type { ServiceName } from "@countersign/access";
import type { TRPCError } from "@trpc/server";
import type { CallPort, Subject, Trace } from "./call-port.ts";
import type { CallingService, Identity, User } from "./identity.ts";
import type { Limit } from "./limit.ts";

/** Structured logging, as pino has it: fields first, then a sentence. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** A refusal by a guard, for the audit log. */
export type Denial = {
  readonly procedure: string;
  readonly reason: string;
  readonly userId: string | null;
  readonly service: ServiceName | null;
  readonly requestId: string;
  readonly address: string;
};

/** What goes on with every call that a request makes. */
export type Follows = Pick<Context, "requestId" | "trace" | "deadline" | "isRepeat">;

/** One call of a procedure that has ended. */
export type Settled = {
  readonly procedure: string;
  /** `ok`, or the code of its error. */
  readonly outcome: string;
  readonly milliseconds: number;
  readonly userId: string | null;
  /** The calling service, if there was one. */
  readonly service: ServiceName | null;
  readonly requestId: string;
  readonly trace: Trace;
};

/** Makes a call uncounted. */
export type GiveBack = () => Promise<void>;

/** What the guards of the procedures ask of the service that they run in. */
export type Gate = {
  readonly service: ServiceName;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Asks auth whether a token still counts: its session, the version of its user's account, the services that it speaks for,
   * and that it was not revoked itself. Rejects when auth cannot say.
   */
  isLive(identity: Identity, request: Follows): Promise<boolean>;
  /**
   * Counts one call by the limits that its procedure declares; rejects with a Refusal when one is reached. Gives what
   * makes the call uncounted again, for one that then fails on our side.
   */
  limit(ctx: Context, call: { readonly procedure: string; readonly limits: readonly Limit[] }): Promise<GiveBack>;
  /** Counts a stream that this caller opens; gives what ends the counting. @throws Refusal TOO_MANY_REQUESTS */
  openStream(ctx: Context): () => void;
  denied(denial: Denial): void;
  /** Stands around a call of a procedure, for traces: does the work once and gives what it gives. */
  surround<Result>(procedure: string, work: () => Promise<Result>): Promise<Result>;
  /** Told of every call once it has ended, for logs, metrics and traces. */
  settled(call: Settled): void;
  toRefusal(error: unknown): TRPCError;
  readonly call: CallPort;
};

/** What every procedure receives as `ctx`. The procedures narrow `user` and `service` to what they hold a call to. */
export type Context = {
  /** The user, from a verified token; null when nobody is signed in or a service calls for itself. */
  readonly user: User | null;
  /** The calling service, from its own verified token; null when a user calls directly. */
  readonly service: CallingService | null;
  /** The few claims of the verified token that revocation is decided by, for the guards; null for an anonymous request. */
  readonly token: Identity["token"] | null;
  /** What proved the user, for `ctx.call` on the user's behalf; procedures leave it alone. */
  readonly subject: Subject | null;
  readonly request: Request;
  /** Headers that the answer will carry, for procedures that set cookies. */
  readonly responseHeaders: Headers;
  /** Follows the request through every service and log line. */
  readonly requestId: string;
  readonly trace: Trace;
  /** When whoever waits for the answer gives up, in epoch milliseconds; null when nobody said. */
  readonly deadline: number | null;
  /** Whether the caller asks once more, after it failed to get an answer. */
  readonly isRepeat: boolean;
  /** Tells once that the credential is no longer good, for what goes on after it was checked; gives what ends the watch. */
  readonly watchCredential: (ended: (refusal: TRPCError) => void) => () => void;
  /** The client's address as far as trusted proxies vouch for it. */
  readonly address: string;
  readonly log: Log;
  /** For the guards in this package; procedures leave it alone. */
  readonly gate: Gate;
};
