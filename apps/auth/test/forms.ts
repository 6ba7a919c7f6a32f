import type { ServiceApp } from "@countersign/service";
import { publicUrl } from "./open-test-auth.ts";

/** What a page answered. */
export type PageAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** What a browser sends beside the path. */
export type PageInput = {
  /** The fields of a form, which is then posted. */
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Record<string, string>;
  /** The peer's address. */
  readonly address?: string;
};

/** Opens a page, or posts a form as a browser does. */
export async function visit(app: ServiceApp, path: string, input: PageInput = {}): Promise<PageAnswer> {
  const { form, headers = {}, address = "192.0.2.1" } = input;
  const posted = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
  const response = await app.request(new Request(`${publicUrl}${path}`, { ...posted, headers }), {}, { address });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
