"""PyJWT as its documentation shows it: a key by `kid`, then algorithms, audience and issuer."""
import os
import sys

import jwt

keys = jwt.PyJWKClient(os.environ["JWKS_URL"])
for line in sys.stdin:
    token = line.strip()
    try:
        claims = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token).key,
            algorithms=[os.environ["ALGORITHM"]],
            audience=os.environ["AUDIENCE"],
            issuer=os.environ["ISSUER"],
        )
        print("taken", claims["sub"], flush=True)
    except Exception as error:
        print("refused", type(error).__name__, error, flush=True)
