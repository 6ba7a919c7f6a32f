import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { requestSignIn, signInByMail } from "../accounts/sign-in-by-mail.ts";
import type { RouterDeps } from "../deps.ts";
import { requestMailInput, signInByMailInput } from "../inputs.ts";
import { lookAtLink } from "../links/use-link.ts";
import { linkPage, overPage } from "../pages/link-page.ts";
import { renderPage } from "../pages/page.ts";
import { againPage, askedPage, askPage, codePage, signedInPage, signInLink } from "../pages/sign-in-pages.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver } from "../sessions/deliver.ts";
import { postForm } from "./form-face.ts";

/**
 * Adds the sign-in by mail, where it is on. `POST /auth/sign-in/mail` takes the address, `GET` is a page that asks for it and
 * where links lead, and `POST /auth/sign-in/mail/confirm` signs in, by the token of a link or by a code and its request.
 */
export function addSignInByMail(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  if (deps.signInByMail === "off") return;
  app.get("/auth/sign-in/mail", async (c) => {
    const { request, requestId } = readArrived(c, chassis);
    const headers = new Headers({ "x-request-id": requestId });
    const token = new URL(request.url).searchParams.get("token");
    if (token === null) return await renderPage(askPage(), headers);
    const link = await lookAtLink(deps, { token, purpose: "sign_in" });
    return await renderPage(link === null ? overPage(signInLink.title) : linkPage(signInLink, token), headers);
  });
  postForm(app, chassis, {
    path: "/auth/sign-in/mail",
    input: requestMailInput,
    act: async ({ email }, { from }) => ({ request: await requestSignIn(deps, email, from) }),
    done: ({ request }) => (deps.signInByMail === "code" ? codePage(request) : askedPage),
    again: (_held, problem) => askPage(problem),
  });
  postForm(app, chassis, {
    path: signInLink.action,
    input: signInByMailInput,
    async act(input, { request, from, headers }) {
      const issued = await signInByMail(deps, { ...input, ...broughtBy(deps, request, input) }, from);
      return deliver(issued, input.mode, { ...deps, headers });
    },
    done: signedInPage,
    again: againPage,
  });
}
