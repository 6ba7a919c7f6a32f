"""A service in Python behind Countersign: says who calls it. No framework, to show what any of them has to do.

    ISSUER=http://localhost:4000 AUDIENCE=reports PORT=4100 python3 examples/python-service/service.py

It takes an access token (Authorization: Bearer), or the gateway's word (x-countersign-assertion), and of these exactly one.
What x-user-id says is for logs: anybody who reaches this port can write it.
"""

from __future__ import annotations

import json
import os
import signal
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from verify import Caller, KeySet, Policy, Refused, Unavailable, verify_access_token, verify_assertion


def create_server(port: int, policy: Policy, token_keys: KeySet, gateway_keys: KeySet, gateway: Policy) -> ThreadingHTTPServer:
    def identify(headers) -> Caller:
        tokens, assertions = headers.get_all("authorization", []), headers.get_all("x-countersign-assertion", [])
        if len(tokens) + len(assertions) != 1:
            raise Refused("one credential, no more and no less")
        if assertions:
            return verify_assertion(assertions[0], gateway_keys, gateway)
        scheme, _, token = tokens[0].partition(" ")
        if scheme.lower() != "bearer":
            raise Refused("not a Bearer token")
        return verify_access_token(token, token_keys, policy)

    def challenge(headers) -> str:
        """RFC 6750 §3.1: a credential that is not there is no bad one."""
        is_there = "authorization" in headers or "x-countersign-assertion" in headers
        return 'Bearer error="invalid_token"' if is_there else "Bearer"

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/health":
                return self.answer(200, {"status": "ok"})
            if self.path != "/whoami":
                return self.answer(404, {"error": "not_found"})
            try:
                caller = identify(self.headers)
            except Refused:
                return self.answer(401, {"error": "invalid_token"}, {"www-authenticate": challenge(self.headers)})
            except Unavailable:
                return self.answer(503, {"error": "temporarily_unavailable"}, {"retry-after": "5"})
            self.answer(200, {"userId": caller.subject, "roles": caller.roles, "by": caller.token_class})

        def answer(self, status: int, body: dict, headers: dict[str, str] = {}) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", "cache-control": "no-store", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args) -> None:
            """Says nothing of requests: paths can hold what is nobody's business."""

    return Server(("127.0.0.1", port), Handler)


class Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Without the name server that HTTPServer asks for its own name, and waits for."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


def main() -> None:
    env = os.environ
    issuer, audience = env["ISSUER"], env["AUDIENCE"]
    policy = Policy(issuer, audience, env.get("ALGORITHM", "RS256"))
    # The gateway's keys are its own, of an algorithm of its own.
    gateway = Policy(issuer, audience, env.get("GATEWAY_ALGORITHM", "ES256"))
    token_keys = KeySet(env.get("JWKS_URL", f"{issuer}/.well-known/jwks.json"), policy.algorithm)
    gateway_keys = KeySet(env.get("GATEWAY_JWKS_URL", f"{issuer}/.well-known/gateway-jwks.json"), gateway.algorithm)
    server = create_server(int(env.get("PORT", "4100")), policy, token_keys, gateway_keys, gateway)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
