"""python-jose: the whole key set, algorithms, audience and issuer."""
import json
import os
import sys

import jose
from jose import jwt

with open(os.environ["JWKS_FILE"]) as file:
    keys = json.load(file)
for line in sys.stdin:
    try:
        claims = jwt.decode(
            line.strip(),
            keys,
            algorithms=[os.environ["ALGORITHM"]],
            audience=os.environ["AUDIENCE"],
            issuer=os.environ["ISSUER"],
        )
        print("taken", claims["sub"], flush=True)
    except Exception as error:
        print("refused", type(error).__name__, error, flush=True)
