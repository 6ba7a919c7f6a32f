import { type OAuthClient, postForm } from "./post-form.ts";

/** Nobody could say what a token is worth. The message holds nothing of the answer. */
export class IntrospectionError extends Error {
  override readonly name = "IntrospectionError";
}

export type IntrospectionDeps = OAuthClient & { readonly introspectionEndpoint: URL };

/**
 * Asks the authorization server what a token is worth at this moment (RFC 7662 §2.1), the service proved by a signed
 * assertion, and gives the JSON of the answer as it came: what it says is for a verifier to hold to its policy.
 *
 * @throws IntrospectionError when there is no answer, or one that is no answer to this: nothing is known about the token
 */
export function createIntrospection(deps: IntrospectionDeps): (token: string) => Promise<unknown> {
  return async (token) => {
    const parameters = { token, token_type_hint: "access_token" };
    const answer = await postForm(deps, { endpoint: deps.introspectionEndpoint, parameters }).catch(
      (cause: unknown) => {
        throw new IntrospectionError("The introspection endpoint did not answer.", { cause });
      },
    );
    if (!answer.ok) throw new IntrospectionError(`The introspection endpoint said ${answer.status}.`);
    try {
      const body: unknown = JSON.parse(answer.text);
      return body;
    } catch {
      // The parser's error quotes the body, which says who somebody is: it is left out on purpose.
      throw new IntrospectionError("The introspection endpoint answered with something else than JSON.");
    }
  };
}
