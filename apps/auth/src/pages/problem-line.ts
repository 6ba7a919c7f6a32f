import { html } from "hono/html";
import type { Html } from "./page.ts";

/** Says above a form why it was not taken; nothing when it was not sent yet. */
export function problemLine(problem: string | null): Html {
  return problem === null
    ? html``
    : html`<p role="alert"><strong>${problem}</strong></p>
`;
}
