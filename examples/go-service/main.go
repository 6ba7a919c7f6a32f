// A service in Go behind Countersign: says who calls it. No framework, to show what any of them has to do.
//
//	ISSUER=http://localhost:4000 AUDIENCE=reports PORT=4100 go run .
//
// It takes an access token (Authorization: Bearer), or the gateway's word (x-countersign-assertion), and of these exactly
// one. What x-user-id says is for logs: anybody who reaches this port can write it. With VERIFY_LINES=1 it verifies each
// line of standard input instead.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	issuer, audience := os.Getenv("ISSUER"), os.Getenv("AUDIENCE")
	if issuer == "" || audience == "" {
		log.Fatal("ISSUER and AUDIENCE are needed")
	}
	tokens := Policy{issuer, audience, setting("ALGORITHM", "RS256"), strings.Fields(setting("CLASSES", "user"))}
	// The gateway's keys are its own, of an algorithm of its own.
	gateway := Policy{Issuer: issuer, Audience: audience, Algorithm: setting("GATEWAY_ALGORITHM", "ES256")}
	door := door{
		tokens: tokens, tokenKeys: NewKeySet(setting("JWKS_URL", issuer+"/.well-known/jwks.json"), tokens.Algorithm),
		gateway: gateway, gatewayKeys: NewKeySet(setting("GATEWAY_JWKS_URL", issuer+"/.well-known/gateway-jwks.json"), gateway.Algorithm),
	}
	if os.Getenv("VERIFY_LINES") != "" {
		verifyLines(door)
		return
	}
	serve(door, setting("PORT", "4100"))
}

// door is where callers come in, and what they are held to.
type door struct {
	tokens, gateway        Policy
	tokenKeys, gatewayKeys *KeySet
}

func (door door) identify(header http.Header) (*Caller, error) {
	credentials, assertions := header.Values("Authorization"), header.Values("X-Countersign-Assertion")
	if len(credentials)+len(assertions) != 1 {
		return nil, refused("one credential, no more and no less")
	}
	if len(assertions) == 1 {
		return VerifyAssertion(assertions[0], door.gatewayKeys, door.gateway)
	}
	scheme, token, _ := strings.Cut(credentials[0], " ")
	if !strings.EqualFold(scheme, "bearer") {
		return nil, refused("not a Bearer token")
	}
	return VerifyAccessToken(token, door.tokenKeys, door.tokens)
}

func (door door) whoAmI(response http.ResponseWriter, request *http.Request) {
	caller, err := door.identify(request.Header)
	switch {
	case errors.Is(err, ErrUnavailable):
		response.Header().Set("Retry-After", "5")
		answer(response, http.StatusServiceUnavailable, map[string]any{"error": "temporarily_unavailable"})
	case err != nil:
		response.Header().Set("WWW-Authenticate", challenge(request.Header))
		answer(response, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
	default:
		answer(response, http.StatusOK, map[string]any{"userId": caller.Subject, "roles": caller.Roles, "by": caller.Class})
	}
}

// RFC 6750 §3.1: a credential that is not there is no bad one.
func challenge(header http.Header) string {
	if len(header.Values("Authorization"))+len(header.Values("X-Countersign-Assertion")) == 0 {
		return "Bearer"
	}
	return `Bearer error="invalid_token"`
}

func answer(response http.ResponseWriter, status int, body map[string]any) {
	response.Header().Set("Content-Type", "application/json")
	response.Header().Set("Cache-Control", "no-store")
	response.WriteHeader(status)
	if err := json.NewEncoder(response).Encode(body); err != nil {
		log.Print("an answer could not be written")
	}
}

func serve(door door, port string) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/whoami", door.whoAmI)
	server := &http.Server{Handler: routes, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16384}
	ended, end := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer end()
	drained := make(chan struct{})
	go func() {
		<-ended.Done()
		defer close(drained)
		if err := server.Shutdown(context.Background()); err != nil {
			log.Print(err)
		}
	}()
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-drained
}

// verifyLines prints what came of each line.
func verifyLines(door door) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		verify, keys, policy := VerifyAccessToken, door.tokenKeys, door.tokens
		if os.Getenv("KIND") == "assertion" {
			verify, keys, policy = VerifyAssertion, door.gatewayKeys, door.gateway
		}
		caller, err := verify(lines.Text(), keys, policy)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println("passed", caller.Subject)
	}
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
