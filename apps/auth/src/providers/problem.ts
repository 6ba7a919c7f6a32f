/** Why a sign-in with a provider did not come about. */
export type ProblemCode =
  | "cancelled"
  | "unavailable"
  | "faulty"
  | "misconfigured"
  | "other_browser"
  | "not_confirmed"
  | "account_exists"
  | "account_disabled"
  | "session_ended"
  | "linked_elsewhere"
  | "linked_already"
  | "too_many";

/** What a person is told, with its HTTP status. `{provider}` stands for the provider's name. */
export const problems: Readonly<Record<ProblemCode, { readonly status: number; readonly text: string }>> = {
  cancelled: { status: 403, text: "You did not go on at {provider}, so you are not signed in." },
  unavailable: {
    status: 503,
    text: "{provider} cannot be reached right now, or takes too long. Try again in a moment.",
  },
  faulty: { status: 502, text: "{provider} gave an answer that cannot be trusted, so you are not signed in." },
  misconfigured: {
    status: 502,
    text: "{provider} does not know this site the way it should. The people who run this site have to mend it.",
  },
  other_browser: {
    status: 400,
    text: "This sign-in is over, or was begun in another browser. Begin again here, and finish within ten minutes.",
  },
  not_confirmed: {
    status: 403,
    text: "{provider} does not say that your e-mail address is yours. Sign in another way, then link {provider} to your account.",
  },
  account_exists: {
    status: 409,
    text: "There is an account with your e-mail address already. Sign in to it first, then link {provider} to it.",
  },
  account_disabled: { status: 403, text: "This account cannot be used. Ask the people who run this site." },
  session_ended: { status: 401, text: "You were signed out meanwhile. Sign in again, then link {provider}." },
  linked_elsewhere: { status: 409, text: "This person at {provider} is linked to another account here." },
  linked_already: { status: 409, text: "This person at {provider} is linked to your account already." },
  too_many: { status: 429, text: "Too many sign-ins were begun from here. Wait some minutes, then try again." },
};

/** A sign-in with a provider ends here, without a session and without an account. */
export class SignInProblem extends Error {
  override readonly name = "SignInProblem";
  readonly code: ProblemCode;
  /** A word for log and audit on what exactly was wrong; never what a provider or a browser sent. */
  readonly detail: string | null;
  /** Whose account it was about, where that is known. */
  readonly userId: string | null;

  constructor(code: ProblemCode, options: ErrorOptions & { readonly detail?: string; readonly userId?: string } = {}) {
    super(`Sign-in with a provider failed: ${code}`, options);
    this.code = code;
    this.detail = options.detail ?? null;
    this.userId = options.userId ?? null;
  }
}
