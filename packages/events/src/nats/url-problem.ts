const encoding = 'in a user or password, write "/" as %2F, "?" as %3F, "#" as %23, "," as %2C and "%" as %25';

/** What is wrong with the URLs of NATS servers, to follow the name of a setting; null when nothing is. Repeats none of it. */
export function findNatsUrlProblem(list: string): string | null {
  const urls: URL[] = [];
  for (const part of list.split(",")) {
    const url = URL.parse(part.trim());
    if (!/^(nats|tls):\/\/./.test(part.trim()) || url === null || url.hostname === "") {
      return `is "nats://host:port" or "tls://host:port", several with commas between; ${encoding}`;
    }
    urls.push(url);
  }
  const [first] = urls;
  return first === undefined ? null : (findFault(first) ?? findDisagreement(first, urls));
}

function findFault({ username, password }: URL): string | null {
  if (username === "" && password !== "") return "has a password without a user";
  try {
    decodeURIComponent(`${username}:${password}`);
    return null;
  } catch (error) {
    if (error instanceof URIError) return `cannot be decoded; ${encoding}`;
    throw error;
  }
}

/** One connection is made at a time, to any of them, as the user that the first one names. */
function findDisagreement(first: URL, urls: readonly URL[]): string | null {
  for (const url of urls) {
    if (url.protocol !== first.protocol) return 'has "nats://" and "tls://"; all are one of the two';
    if (!/^\/?$/.test(url.pathname) || url.search !== "" || url.hash !== "") return `has a path; ${encoding}`;
    const own = url.username !== "" && (url.username !== first.username || url.password !== first.password);
    if (own) return "has several users; all servers are spoken to as one";
  }
  return null;
}
