import { z } from "zod";
import type { InProcessApp } from "./in-process-fetch.ts";

export type ProcedureCall = {
  readonly type: "query" | "mutation" | "subscription";
  readonly input?: unknown;
  /** An access token, sent as Bearer. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What came back: tRPC's data on success, the shape of its error otherwise. */
export type ProcedureAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
  readonly error: z.output<typeof errorShape> | null;
};

const errorShape = z.object({
  message: z.string(),
  data: z.looseObject({ code: z.string(), httpStatus: z.number(), path: z.string().optional() }),
});

const envelope = z.object({
  result: z.object({ data: z.unknown() }).optional(),
  error: errorShape.optional(),
});

/** Calls one procedure of an app by plain HTTP, as any client would. */
export async function callProcedure(app: InProcessApp, path: string, call: ProcedureCall): Promise<ProcedureAnswer> {
  const headers = {
    ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
    ...call.headers,
  };
  const response = await app.request(toRequest(path, call, headers));
  const { result, error } = envelope.parse(await response.json());
  return { status: response.status, headers: response.headers, data: result?.data, error: error ?? null };
}

function toRequest(path: string, { type, input }: ProcedureCall, headers: Record<string, string>): Request {
  const url = new URL(`http://service.test/trpc/${path}`);
  const json = input === undefined ? undefined : JSON.stringify(input);
  if (type === "mutation") {
    const body = json === undefined ? {} : { body: json };
    return new Request(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, ...body });
  }
  if (json !== undefined) url.searchParams.set("input", json);
  return new Request(url, { headers });
}
