// go-jose 2: the key set finds the key by `kid`; algorithm, audience and issuer are compared by hand, times by Validate.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"gopkg.in/square/go-jose.v2"
	"gopkg.in/square/go-jose.v2/jwt"
)

func main() {
	var keys jose.JSONWebKeySet
	file, err := os.ReadFile(os.Getenv("JWKS_FILE"))
	if err == nil {
		err = json.Unmarshal(file, &keys)
	}
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		subject, err := verify(strings.TrimSpace(lines.Text()), &keys)
		if err != nil {
			fmt.Println("refused", err)
		} else {
			fmt.Println("taken", subject)
		}
	}
}

func verify(token string, keys *jose.JSONWebKeySet) (string, error) {
	parsed, err := jwt.ParseSigned(token)
	if err != nil {
		return "", err
	}
	if len(parsed.Headers) != 1 || parsed.Headers[0].Algorithm != os.Getenv("ALGORITHM") {
		return "", errors.New("another algorithm")
	}
	var claims jwt.Claims
	if err := parsed.Claims(keys, &claims); err != nil {
		return "", err
	}
	expected := jwt.Expected{Issuer: os.Getenv("ISSUER"), Audience: jwt.Audience{os.Getenv("AUDIENCE")}, Time: time.Now()}
	return claims.Subject, claims.ValidateWithLeeway(expected, 0)
}
