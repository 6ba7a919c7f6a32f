/* cjose: verifies the signature with one key of the set; the algorithm is compared by hand. It looks at no claim. */
#include <cjose/cjose.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cjose_jwk_t *read_key(void) {
  cjose_err error;
  json_t *keys = json_object_get(json_load_file(getenv("JWKS_FILE"), 0, NULL), "keys"), *key;
  size_t index;
  json_array_foreach(keys, index, key) {
    if (strcmp(json_string_value(json_object_get(key, "kid")), getenv("KID"))) continue;
    char *text = json_dumps(key, 0);
    return cjose_jwk_import(text, strlen(text), &error);
  }
  return NULL;
}

static const char *verify(cjose_jwk_t *key, const char *token, cjose_err *error) {
  cjose_jws_t *jws = cjose_jws_import(token, strlen(token), error);
  if (!jws) return error->message;
  const char *algorithm = cjose_header_get(cjose_jws_get_protected(jws), CJOSE_HDR_ALG, error);
  if (!algorithm || strcmp(algorithm, getenv("ALGORITHM"))) return "another algorithm";
  if (!cjose_jws_verify(jws, key, error)) return error->message;
  uint8_t *payload;
  size_t length;
  if (!cjose_jws_get_plaintext(jws, &payload, &length, error)) return error->message;
  json_t *claims = json_loadb((char *)payload, length, 0, NULL);
  printf("taken %s\n", json_string_value(json_object_get(claims, "sub")));
  return NULL;
}

int main(void) {
  char token[8192];
  cjose_err error;
  cjose_jwk_t *key = read_key();
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(token, sizeof token, stdin)) {
    token[strcspn(token, "\n")] = 0;
    const char *refused = key ? verify(key, token, &error) : "the key cannot be read";
    if (refused) printf("refused %s\n", refused);
  }
  return 0;
}
