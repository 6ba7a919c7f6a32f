import { type OAuthClient, postForm } from "./post-form.ts";

/** Auth did not say what was revoked. The message holds nothing of the answer. */
export class RevocationListError extends Error {
  override readonly name = "RevocationListError";
}

export type RevocationListDeps = OAuthClient & { readonly revocationsEndpoint: URL };

/** A place in auth's sequence of revocations. */
export type RevocationPlace = { readonly epoch: string; readonly number: number };

/**
 * Asks auth for the revocations after a place in its sequence, or for all of them, the client proved by a signed assertion.
 * Gives the JSON of the answer as it came: its shape is for the reader to check.
 *
 * @throws RevocationListError when there is no answer, or none that is JSON
 */
export function createRevocationList(deps: RevocationListDeps): (after: RevocationPlace | null) => Promise<unknown> {
  return async (after) => {
    const parameters: Record<string, string> =
      after === null ? {} : { epoch: after.epoch, number: String(after.number) };
    const answer = await postForm(deps, { endpoint: deps.revocationsEndpoint, parameters }).catch((cause: unknown) => {
      throw new RevocationListError("The list of revocations did not come.", { cause });
    });
    if (!answer.ok) throw new RevocationListError(`The list of revocations was answered with ${answer.status}.`);
    try {
      const body: unknown = JSON.parse(answer.text);
      return body;
    } catch (cause) {
      throw new RevocationListError("The list of revocations is not JSON.", { cause });
    }
  };
}
