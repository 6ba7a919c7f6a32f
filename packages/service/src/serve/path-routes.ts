type Handled = Promise<Response | undefined>;
type RoutedRequest = Request & { readonly params: Readonly<Record<string, string>> };

/** Answers a request; `path` is the path as it was sent, without the query. */
export type PathHandler<Server> = (request: Request, server: Server, path: string) => Handled;

export type PathRoutes<Server> = {
  readonly routes: Readonly<Record<string, (request: RoutedRequest, server: Server) => Handled>>;
  /** For a path that fits no route: one with empty segments, or with too many. */
  readonly fetch: (request: Request, server: Server) => Handled;
};

/** How many segments a path may have on Bun. */
const maxSegments = 64;

/**
 * The routes of a listener on Bun, one for each number of segments. `Request.url` is there what a URL parser makes of the
 * request target: `/a\b` and `/a/x/../b` both arrive as `/a/b`. Only the parameters of a route keep the difference.
 *
 * `handle` gets the path of the URL where the parser has left it alone. In any other path dot segments stand as they are,
 * each backslash as `%5C`, and a path that fits no route begins with an empty segment.
 */
export function pathRoutes<Server>(handle: PathHandler<Server>): PathRoutes<Server> {
  const routes: Record<string, (request: RoutedRequest, server: Server) => Handled> = {
    "/": (request, server) => handle(request, server, "/"),
  };
  let pattern = "";
  for (let count = 0; count < maxSegments; count += 1) {
    pattern += `/:s${count}`;
    for (const end of ["", "/"]) {
      routes[pattern + end] = (request, server) => handle(request, server, sentPath(request, end));
    }
  }
  return { routes, fetch: (request, server) => handle(request, server, `/${pathOf(request.url)}`) };
}

function sentPath({ params, url }: RoutedRequest, end: string): string {
  const segments = Object.values(params); // decoded
  if (!segments.some(isRewritten)) return pathOf(url);
  return `/${segments.map(encodeURIComponent).join("/")}${end}`;
}

function isRewritten(segment: string): boolean {
  return segment === "." || segment === ".." || segment.includes("\\");
}

/** The path of an absolute URL; of a path, which a request without a Host header has for a URL, itself. */
function pathOf(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
