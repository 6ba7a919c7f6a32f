/** Collects what a platform and its clients tell each other in confidence, and looks for it in logs. */
export type SecretsSeen = {
  /** A fetch that passes on to `inner` and remembers every credential of requests and answers. */
  readonly watch: (inner: typeof fetch) => (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  readonly add: (...secrets: readonly string[]) => void;
  readonly count: () => number;
  /** Which of them stand in this text, with what is before them. */
  readonly foundIn: (text: string) => readonly string[];
};

/** JWTs, refresh tokens, and the secret of Basic and of any other scheme: each by its secret part. */
const shapes = [
  /eyJ[\w-]+\.([\w-]{8,})\.[\w-]+/g,
  /eyJ[\w-]+\.[\w-]+\.([\w-]{20,})/g,
  /[0-9a-f-]{36}\.\d+\.([\w-]{20,})/g,
  /^(?:Basic|Bearer) +(\S{8,})/g,
  /client_secret=([^&\s"]{8,})/g,
];

export function createSecretsSeen(): SecretsSeen {
  const secrets = new Set<string>();

  function learn(text: string | null): void {
    if (text === null) return;
    for (const shape of shapes) {
      for (const [, secret] of text.matchAll(shape)) if (secret !== undefined) secrets.add(secret);
    }
  }

  function learnHeaders(headers: Headers): void {
    for (const [, value] of headers) learn(value);
  }

  return {
    add: (...added) => {
      for (const secret of added) secrets.add(secret);
    },
    count: () => secrets.size,
    foundIn: (text) =>
      [...secrets].flatMap((secret) => {
        const at = text.indexOf(secret);
        return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + 20)];
      }),
    watch: (inner) => async (input, init) => {
      const request = new Request(input, init);
      learnHeaders(request.headers);
      learn(decodeURIComponent(request.url));
      const isText = /json|form-urlencoded/.test(request.headers.get("content-type") ?? "");
      if (isText) learn(await request.clone().text());
      const response = await inner(input, init);
      learnHeaders(response.headers);
      if (/json/.test(response.headers.get("content-type") ?? "")) learn(await response.clone().text());
      return response;
    },
  };
}
