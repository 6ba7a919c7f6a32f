// golang-jwt 4: Parse looks at times alone; audience and issuer are compared by hand. CLAIMS=StandardClaims reads the claims
// with the type of older programs, whose audience is a string.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v4"
)

type claims interface {
	jwt.Claims
	VerifyAudience(wanted string, required bool) bool
	VerifyIssuer(wanted string, required bool) bool
}

func main() {
	key, err := readKey(os.Getenv("KEY_FILE"), os.Getenv("ALGORITHM"))
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		subject, err := verify(strings.TrimSpace(lines.Text()), key)
		if err != nil {
			fmt.Println("refused", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("taken", subject)
		}
	}
}

func verify(token string, key any) (string, error) {
	var said claims = &jwt.RegisteredClaims{}
	if os.Getenv("CLAIMS") == "StandardClaims" {
		said = &jwt.StandardClaims{}
	}
	methods := jwt.WithValidMethods([]string{os.Getenv("ALGORITHM")})
	if _, err := jwt.ParseWithClaims(token, said, func(*jwt.Token) (any, error) { return key, nil }, methods); err != nil {
		return "", err
	}
	if !said.VerifyAudience(os.Getenv("AUDIENCE"), true) || !said.VerifyIssuer(os.Getenv("ISSUER"), true) {
		return "", errors.New("another audience or issuer")
	}
	if registered, ok := said.(*jwt.RegisteredClaims); ok {
		return registered.Subject, nil
	}
	return said.(*jwt.StandardClaims).Subject, nil
}

func readKey(file, algorithm string) (any, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	switch algorithm {
	case "RS256":
		return jwt.ParseRSAPublicKeyFromPEM(pem)
	case "ES256":
		return jwt.ParseECPublicKeyFromPEM(pem)
	default:
		return jwt.ParseEdPublicKeyFromPEM(pem)
	}
}
