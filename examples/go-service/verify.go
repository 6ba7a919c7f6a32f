package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Verifies what Countersign signs: access tokens (RFC 9068) and the gateway's assertions. What golang-jwt leaves open is
// closed here; docs/guides/other-languages.md says what each line is for. The library is left the header's algorithm and
// the signature, and its own checks of claims are off: all of them stand below, for v4 and v5 differ in what they check.

const (
	maxToken      = 4096
	maxActors     = 4
	leeway        = 5
	assertionLife = 30
)

var (
	longestLife = map[string]int64{"user": 600, "service": 300, "delegated": 120}
	identifier  = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)
)

// ErrRefused is a token that is not good: answer 401, and never say why to the caller.
var ErrRefused = errors.New("refused")

// ErrUnavailable is that the keys cannot be had, so nothing is known of the token: answer 503, or clients drop their session.
var ErrUnavailable = errors.New("unavailable")

// Policy is what a token is held to. Classes are those that may call here.
type Policy struct {
	Issuer, Audience, Algorithm string
	Classes                     []string
}

// Caller is who is calling. Services is empty for a user's own token; else who calls on the user's behalf, nearest first.
type Caller struct {
	Subject, TokenID, Class, SessionID string
	Roles, Permissions, Services       []string
}

// claims has whole seconds and lists where the wire must have them, so that decoding refuses the rest.
type claims struct {
	jwt.RegisteredClaims // for the parser, which asks for its methods; every field of it is hidden by one below

	Issuer       string           `json:"iss"`
	Subject      string           `json:"sub"`
	Audience     jwt.ClaimStrings `json:"aud"`
	ID           string           `json:"jti"`
	IssuedAt     int64            `json:"iat"`
	NotBefore    int64            `json:"nbf"`
	ExpiresAt    int64            `json:"exp"`
	Class        string           `json:"token_class"`
	SessionID    string           `json:"sid"`
	Roles        []string         `json:"roles"`
	Permissions  []string         `json:"permissions"`
	Actor        *actor           `json:"act"`
	AssertedFrom string           `json:"token_jti"`
}

func (said *claims) hasSession() bool {
	return identifier.MatchString(said.SessionID) && said.Roles != nil
}

type actor struct {
	Subject string `json:"sub"`
	Actor   *actor `json:"act"`
}

// VerifyAccessToken says who calls with this token, or gives an ErrRefused or an ErrUnavailable.
func VerifyAccessToken(raw string, keys *KeySet, policy Policy) (*Caller, error) {
	said, err := decode(raw, "at+jwt", keys, policy)
	if err != nil {
		return nil, err
	}
	if !contains(policy.Classes, said.Class) {
		return nil, refused("wrong_class")
	}
	if err := checkTimes(said, longestLife[said.Class]); err != nil {
		return nil, err
	}
	if said.Class != "user" && len(said.Audience) != 1 {
		return nil, refused("wrong_audience") // good here and nowhere else
	}
	services, ok := actors(said.Actor)
	isDelegated, isService := said.Class == "delegated", said.Class == "service"
	if !ok || isDelegated != (said.Actor != nil) || isDelegated != (said.Permissions != nil) {
		return nil, refused("bad_claims")
	}
	if isService && (said.SessionID != "" || said.Roles != nil) || !isService && !said.hasSession() {
		return nil, refused("bad_claims")
	}
	if isService {
		services = []string{said.Subject}
	}
	return &Caller{said.Subject, said.ID, said.Class, said.SessionID, said.Roles, said.Permissions, services}, nil
}

// VerifyAssertion says who calls by the word of the gateway (x-countersign-assertion). keys are the gateway's, not auth's.
func VerifyAssertion(raw string, keys *KeySet, policy Policy) (*Caller, error) {
	said, err := decode(raw, "gateway-assertion+jwt", keys, policy)
	if err != nil {
		return nil, err
	}
	if err := checkTimes(said, assertionLife); err != nil {
		return nil, err
	}
	isToken := said.Class != "" || said.Actor != nil || said.Permissions != nil
	if isToken || len(said.Audience) != 1 || !said.hasSession() || !identifier.MatchString(said.AssertedFrom) {
		return nil, refused("bad_claims")
	}
	return &Caller{Subject: said.Subject, TokenID: said.AssertedFrom, Class: "gateway", SessionID: said.SessionID, Roles: said.Roles}, nil
}

func decode(raw, typ string, keys *KeySet, policy Policy) (*claims, error) {
	if len(raw) > maxToken || !isCanonical(raw) {
		return nil, refused("malformed")
	}
	said := &claims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{policy.Algorithm}), jwt.WithoutClaimsValidation())
	_, err := parser.ParseWithClaims(raw, said, func(token *jwt.Token) (any, error) {
		for name := range token.Header {
			if name != "alg" && name != "kid" && name != "typ" {
				return nil, refused("unknown_header")
			}
		}
		kid, isString := token.Header["kid"].(string)
		if token.Header["typ"] != typ || !isString {
			return nil, refused("bad_header")
		}
		return keys.Find(kid)
	})
	switch {
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrRefused):
		return nil, err
	case err != nil:
		return nil, refused("malformed") // a parser's words can hold what the token said
	case said.Issuer != policy.Issuer:
		return nil, refused("wrong_issuer")
	case !contains(said.Audience, policy.Audience):
		return nil, refused("wrong_audience")
	case !identifier.MatchString(said.Subject) || !identifier.MatchString(said.ID):
		return nil, refused("bad_claims")
	}
	return said, nil
}

// isCanonical is whether each part is written in the one way that it can be: the library's decoder forgives stray bits.
func isCanonical(raw string) bool {
	parts := strings.Split(raw, ".")
	for _, part := range parts {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil || strings.ContainsAny(part, "\r\n") {
			return false
		}
	}
	return len(parts) == 3
}

func checkTimes(said *claims, life int64) error {
	now := time.Now().Unix()
	lasts := said.ExpiresAt - said.IssuedAt
	switch {
	case said.IssuedAt <= 0 || lasts <= 0 || lasts > life:
		return refused("lives_too_long")
	case said.IssuedAt > now+leeway || said.NotBefore > now+leeway:
		return refused("issued_in_future")
	case now >= said.ExpiresAt+leeway:
		return refused("expired")
	}
	return nil
}

// actors walks the chain (RFC 8693 section 4.1): the outermost calls, the ones inside it called before.
func actors(act *actor) (chain []string, ok bool) {
	for ; act != nil; act = act.Actor {
		if len(chain) == maxActors || !identifier.MatchString(act.Subject) {
			return nil, false
		}
		chain = append(chain, act.Subject)
	}
	return chain, true
}

func refused(reason string) error {
	return fmt.Errorf("%w %s", ErrRefused, reason)
}

func contains(list []string, wanted string) bool {
	for _, one := range list {
		if one == wanted {
			return true
		}
	}
	return false
}
