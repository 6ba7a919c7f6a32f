import { Refusal, statusOf } from "@countersign/context";
import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { TRPCError } from "@trpc/server";
import type { z } from "zod";
import { type PageContent, renderPage } from "../pages/page.ts";
import { requesterOf } from "../requester.ts";
import type { RestCall } from "./face.ts";
import { readInput } from "./read-input.ts";
import { refuse } from "./refuse.ts";

/** A path that takes JSON from programs and forms from our own pages, and answers each in its kind. */
export type FormRoute<Schema extends z.ZodType, Answer extends object> = {
  readonly path: string;
  readonly input: Schema;
  readonly act: (input: z.output<Schema>, call: RestCall) => Promise<Answer>;
  /** The page after the form was taken. */
  readonly done: PageContent | ((answer: Answer) => PageContent);
  /** The page after it was refused, which shows what the form held, untrusted, and why. */
  readonly again: (held: Readonly<Record<string, string>>, problem: string) => PageContent;
};

/** Adds `POST <path>`. A form is taken once its fields fit the same schema as the JSON. */
export function postForm<Schema extends z.ZodType, Answer extends object>(
  app: ServiceApp,
  chassis: Chassis,
  route: FormRoute<Schema, Answer>,
): void {
  const { path, input, act, done, again } = route;
  app.post(path, async (c) => {
    const arrived = readArrived(c, chassis);
    const { request, requestId } = arrived;
    const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
    const call: RestCall = { request, from: requesterOf(arrived), headers };
    const held = isForm(request) ? readFields(await request.text()) : null;
    try {
      const given = held === null ? await readInput(request, input) : parse(held, input);
      const answer = await act(given, call);
      if (held === null) return Response.json(answer, { headers });
      return await renderPage(typeof done === "function" ? done(answer) : done, headers);
    } catch (error) {
      const refusal = chassis.gate.toRefusal(error);
      if (refusal.code === "INTERNAL_SERVER_ERROR") {
        chassis.log.error({ err: refusal.cause ?? refusal, requestId, path }, "A request failed.");
      }
      const answer = refuse(refusal, requestId, { headers, issuer: chassis.issuer });
      if (held === null) return answer;
      const { message } = refusal instanceof Refusal ? refusal : { message: "Check what you entered." };
      return await renderPage({ ...again(held, message), status: statusOf(refusal) }, answer.headers);
    }
  });
}

function isForm({ headers }: Request): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

/** Of a field that stands there twice, the first counts. */
function readFields(body: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(body)) fields[name] ??= value;
  return fields;
}

function parse<Schema extends z.ZodType>(held: Readonly<Record<string, string>>, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(held);
  if (!parsed.success) throw new TRPCError({ code: "BAD_REQUEST", cause: parsed.error });
  return parsed.data;
}
