"""Authlib: `decode` verifies the signature, `validate` the claims that its options name, and times."""
import json
import os
import sys

import authlib
from authlib.jose import JsonWebKey, JsonWebToken

with open(os.environ["JWKS_FILE"]) as file:
    keys = JsonWebKey.import_key_set(json.load(file))
token = JsonWebToken([os.environ["ALGORITHM"]])
options = {
    "iss": {"essential": True, "value": os.environ["ISSUER"]},
    "aud": {"essential": True, "value": os.environ["AUDIENCE"]},
}
for line in sys.stdin:
    try:
        claims = token.decode(line.strip(), keys, claims_options=options)
        claims.validate()
        print("taken", claims["sub"], flush=True)
    except Exception as error:
        print("refused", type(error).__name__, error, flush=True)
