"""Verifies what Countersign signs: access tokens (RFC 9068) and the gateway's assertions. Needs PyJWT and cryptography.

Everything that PyJWT leaves open is closed here: type, class, the longest life, the shape of claims, members of the header,
and a key set that nobody can make fetch again and again. docs/guides/other-languages.md says what each line is for.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass

import jwt

MAX_TOKEN = 4096
LEEWAY = 5
MAX_ACTORS = 4
LIFE = {"user": 600, "service": 300, "delegated": 120}
ASSERTION_LIFE = 30

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_IDENTIFIER = re.compile(r"[\x21-\x7e]{1,255}")


class Refused(Exception):
    """The token is not good; say 401, and never say why to the caller."""


class Unavailable(Exception):
    """The keys cannot be had, so nothing can be said about the token; say 503, or clients drop their session."""


@dataclass(frozen=True)
class Policy:
    issuer: str
    audience: str
    algorithm: str = "RS256"
    classes: tuple[str, ...] = ("user",)


@dataclass(frozen=True)
class Caller:
    """Who is calling. `services` is empty for a user's own token; else who calls on the user's behalf, nearest first."""

    subject: str
    token_id: str
    token_class: str
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] | None = None
    services: tuple[str, ...] = ()
    session_id: str | None = None


class KeySet:
    """The issuer's public keys by kid: kept for five minutes, asked for at most every 30 seconds, kept on in an outage."""

    MAX_AGE, FLOOR, MAX_BYTES = 300, 30, 65_536

    def __init__(self, url: str, algorithm: str, clock=time.monotonic):
        self._url, self._algorithm, self._clock = url, algorithm, clock
        self._keys: dict[str, object] = {}
        self._fetched_at = self._attempted_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str):
        if kid not in self._keys or self._clock() - self._fetched_at > self.MAX_AGE:
            self._refresh()
        if not self._keys:
            raise Unavailable("keys_unavailable")
        if kid not in self._keys:
            raise Refused("unknown_key")
        return self._keys[kid]

    def _refresh(self) -> None:
        with self._lock:
            if self._clock() - self._attempted_at < self.FLOOR:
                return
            self._attempted_at = self._clock()
            try:
                keys = self._fetch()
            except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
                return  # the last good set goes on; without one `find` says that it cannot know
            if keys:
                self._keys, self._fetched_at = keys, self._clock()

    def _fetch(self) -> dict[str, object]:
        opener = urllib.request.build_opener(_NoRedirects)
        with opener.open(self._url, timeout=5) as answer:
            body = answer.read(self.MAX_BYTES + 1)
        if len(body) > self.MAX_BYTES:
            raise ValueError("too large")
        # Only what says that it signs with our algorithm: never `oct`, whatever the set says.
        entries = [key for key in json.loads(body)["keys"] if key.get("use") == "sig" and key.get("alg") == self._algorithm]
        return {key["kid"]: jwt.PyJWK(key, algorithm=self._algorithm).key for key in entries if key["kty"] != "oct"}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args, **_kwargs):
        return None


def verify_access_token(token: str, keys: KeySet, policy: Policy) -> Caller:
    """Who calls with this access token. Raises Refused or Unavailable."""
    claims = _decode(token, "at+jwt", keys, policy)
    token_class = claims.get("token_class")
    if token_class not in policy.classes or token_class not in LIFE:
        raise Refused("wrong_class")
    _check_times(claims, LIFE[token_class])
    if token_class != "user" and claims["aud"] not in (policy.audience, [policy.audience]):
        raise Refused("wrong_audience")  # good here and nowhere else
    is_delegated = token_class == "delegated"
    if is_delegated != ("act" in claims) or is_delegated != ("permissions" in claims):
        raise Refused("bad_claims")  # a claim of another class
    services = _actors(claims["act"]) if is_delegated else ()
    if token_class == "service":
        if "sid" in claims or "roles" in claims:
            raise Refused("bad_claims")
        return Caller(_identifier(claims, "sub"), _identifier(claims, "jti"), "service", services=(claims["sub"],))
    return Caller(
        subject=_identifier(claims, "sub"),
        token_id=_identifier(claims, "jti"),
        token_class=token_class,
        roles=_names(claims, "roles"),
        # A user's own token says roles alone. A delegated one says what is left of the rights, and that is all there is.
        permissions=_names(claims, "permissions") if is_delegated else None,
        services=services,
        session_id=_identifier(claims, "sid"),
    )


def verify_assertion(assertion: str, keys: KeySet, policy: Policy) -> Caller:
    """Who calls by the word of the gateway (the header x-countersign-assertion). `keys` are the gateway's, not auth's."""
    claims = _decode(assertion, "gateway-assertion+jwt", keys, policy)
    _check_times(claims, ASSERTION_LIFE)
    if not claims.keys().isdisjoint({"token_class", "act", "permissions"}) or claims["aud"] not in (policy.audience, [policy.audience]):
        raise Refused("bad_claims")
    return Caller(
        subject=_identifier(claims, "sub"),
        token_id=_identifier(claims, "token_jti"),
        token_class="gateway",
        roles=_names(claims, "roles"),
        session_id=_identifier(claims, "sid"),
    )


def _decode(token: str, typ: str, keys: KeySet, policy: Policy) -> dict:
    if len(token) > MAX_TOKEN or not _COMPACT.fullmatch(token):
        raise Refused("malformed")
    try:
        header = jwt.get_unverified_header(token)
        if not header.keys() <= {"alg", "kid", "typ"} or header.get("typ") != typ or header.get("alg") != policy.algorithm:
            raise Refused("bad_header")
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise Refused("bad_key_id")
        return jwt.decode(
            token,
            keys.find(kid),
            algorithms=[policy.algorithm],
            audience=policy.audience,
            issuer=policy.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "jti", "iat", "exp"]},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(type(error).__name__) from error
    except (TypeError, ValueError, RecursionError) as error:  # claims of other types than PyJWT expects
        raise Refused("bad_claims") from error


def _check_times(claims: dict, life: int) -> None:
    issued, ends = claims["iat"], claims["exp"]
    if type(issued) is not int or type(ends) is not int or not 0 < ends - issued <= life:
        raise Refused("lives_too_long")
    if issued > time.time() + LEEWAY:
        raise Refused("issued_in_future")  # PyJWT before 2.6 does not look


def _identifier(claims: dict, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise Refused("bad_claims")
    return value


def _names(claims: dict, name: str) -> tuple[str, ...]:
    value = claims.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused("bad_claims")
    return tuple(value)


def _actors(act: object) -> tuple[str, ...]:
    """RFC 8693 section 4.1: the outermost actor calls, the ones inside it called before."""
    chain: list[str] = []
    while act is not None or not chain:
        if not isinstance(act, dict) or len(chain) == MAX_ACTORS:
            raise Refused("bad_claims")
        chain.append(_identifier(act, "sub"))
        act = act.get("act")
    return tuple(chain)


def main() -> None:
    """Verifies each line of standard input, and prints what came of it."""
    env = os.environ
    policy = Policy(env["ISSUER"], env["AUDIENCE"], env.get("ALGORITHM", "RS256"), tuple(env.get("CLASSES", "user").split()))
    keys = KeySet(env["JWKS_URL"], policy.algorithm)
    verify = verify_assertion if env.get("KIND") == "assertion" else verify_access_token
    for line in sys.stdin:
        try:
            print("passed", verify(line.strip(), keys, policy).subject, flush=True)
        except (Refused, Unavailable) as error:
            print(type(error).__name__.lower(), error, flush=True)


if __name__ == "__main__":
    main()
