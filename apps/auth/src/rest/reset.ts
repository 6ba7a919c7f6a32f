import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { requestReset, resetByLink } from "../accounts/reset-by-mail.ts";
import type { RouterDeps } from "../deps.ts";
import { requestMailInput, resetByLinkInput } from "../inputs.ts";
import { lookAtLink } from "../links/use-link.ts";
import { renderPage } from "../pages/page.ts";
import { askedPage, askPage, choosePage, chosenPage } from "../pages/reset-pages.ts";
import { postForm } from "./form-face.ts";

/**
 * Adds the way to a new password by mail. `POST /auth/reset` takes the address, `GET /auth/reset?token=…` is where the link
 * in the mail leads: it shows a form and uses nothing up, since programs that look through mail follow links too.
 * `POST /auth/reset/confirm` sets the password. Without a token, `GET /auth/reset` asks for the address.
 */
export function addReset(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  app.get("/auth/reset", async (c) => {
    const { request, requestId } = readArrived(c, chassis);
    const headers = new Headers({ "x-request-id": requestId });
    const token = new URL(request.url).searchParams.get("token");
    if (token === null) return await renderPage(askPage(), headers);
    const link = await lookAtLink(deps, { token, purpose: "reset" });
    return await renderPage(link === null ? askPage(over) : choosePage(token), headers);
  });
  postForm(app, chassis, {
    path: "/auth/reset",
    input: requestMailInput,
    async act({ email }, { from }) {
      await requestReset(deps, email, from);
      return { ok: true };
    },
    done: askedPage,
    again: (_held, problem) => askPage(problem),
  });
  postForm(app, chassis, {
    path: "/auth/reset/confirm",
    input: resetByLinkInput,
    act: async (input, { from }) => ({ sessionsEnded: await resetByLink(deps, input, from) }),
    done: chosenPage,
    again: ({ token = "" }, problem) => choosePage(token, problem),
  });
}

const over = "This link has expired or was used already.";
