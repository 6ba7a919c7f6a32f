/* libjwt: decodes with the key as PEM; the algorithm is compared by hand. It looks at no claim. */
#include <errno.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t read_key(unsigned char *key, size_t size) {
  FILE *file = fopen(getenv("KEY_FILE"), "r");
  if (!file) exit(2);
  size_t length = fread(key, 1, size - 1, file);
  fclose(file);
  key[length] = 0;
  return length;
}

int main(void) {
  unsigned char key[8192];
  char token[8192];
  int length = (int)read_key(key, sizeof key);
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(token, sizeof token, stdin)) {
    jwt_t *jwt = NULL;
    token[strcspn(token, "\n")] = 0;
    int failed = jwt_decode(&jwt, token, key, length);
    if (failed)
      printf("refused %s\n", strerror(failed));
    else if (strcmp(jwt_alg_str(jwt_get_alg(jwt)), getenv("ALGORITHM")))
      printf("refused another algorithm\n");
    else
      printf("taken %s\n", jwt_get_grant(jwt, "sub"));
    if (!failed) jwt_free(jwt);
  }
  return 0;
}
