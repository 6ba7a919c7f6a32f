package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const (
	keysAge   = 5 * time.Minute
	keysFloor = 30 * time.Second
	maxKeys   = 65536
)

// KeySet holds the issuer's public keys by kid: asked for anew after five minutes, at most every 30 seconds however many
// unknown kids come, by one request at a time, and kept on in an outage.
type KeySet struct {
	url, algorithm string
	client         *http.Client

	asking      sync.Mutex // held by the one that asks
	attemptedAt time.Time

	reading   sync.RWMutex // guards what follows
	keys      map[string]crypto.PublicKey
	fetchedAt time.Time
}

// NewKeySet asks nobody yet.
func NewKeySet(url, algorithm string) *KeySet {
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &KeySet{url: url, algorithm: algorithm, client: &http.Client{Timeout: 5 * time.Second, CheckRedirect: noRedirects}}
}

// Find gives the key of this kid, an ErrRefused for an unknown one, or an ErrUnavailable while there are none at all.
func (set *KeySet) Find(kid string) (crypto.PublicKey, error) {
	key, held, age := set.look(kid)
	if key == nil {
		set.refresh()
		key, held, _ = set.look(kid)
	} else if age > keysAge {
		go set.refresh() // whoever has a key does not wait
	}
	switch {
	case held == 0:
		return nil, fmt.Errorf("%w keys_unavailable", ErrUnavailable)
	case key == nil:
		return nil, refused("unknown_key")
	}
	return key, nil
}

func (set *KeySet) look(kid string) (key crypto.PublicKey, held int, age time.Duration) {
	set.reading.RLock()
	defer set.reading.RUnlock()
	return set.keys[kid], len(set.keys), time.Since(set.fetchedAt)
}

func (set *KeySet) refresh() {
	set.asking.Lock()
	defer set.asking.Unlock()
	if time.Since(set.attemptedAt) < keysFloor {
		return
	}
	set.attemptedAt = time.Now()
	keys, err := set.fetch()
	if err != nil || len(keys) == 0 {
		return // the last good set goes on; without one Find says that it cannot know
	}
	set.reading.Lock()
	defer set.reading.Unlock()
	set.keys, set.fetchedAt = keys, time.Now()
}

func (set *KeySet) fetch() (map[string]crypto.PublicKey, error) {
	answer, err := set.client.Get(set.url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxKeys+1))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK || len(body) > maxKeys {
		return nil, errors.New("no key set")
	}
	var document struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return nil, err
	}
	keys := map[string]crypto.PublicKey{}
	for _, entry := range document.Keys {
		// Only what says that it signs with our algorithm: never `oct`, whatever the set says.
		if entry.Use != "sig" || entry.Algorithm != set.algorithm || entry.ID == "" {
			continue
		}
		if key := entry.key(); key != nil {
			keys[entry.ID] = key
		}
	}
	return keys, nil
}

type jwk struct {
	ID        string `json:"kid"`
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	N         string `json:"n"`
	E         string `json:"e"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

// key is nil for what is no public key of its algorithm (RFC 7518 section 6, RFC 8037 section 2).
func (entry jwk) key() crypto.PublicKey {
	switch {
	case entry.Algorithm == "RS256" && entry.Type == "RSA":
		n, e := number(entry.N), number(entry.E)
		if n.BitLen() >= 2048 && e.IsInt64() && e.Int64() >= 3 && e.Int64() <= 1<<31-1 {
			return &rsa.PublicKey{N: n, E: int(e.Int64())}
		}
	case entry.Algorithm == "ES256" && entry.Type == "EC" && entry.Curve == "P-256":
		key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: number(entry.X), Y: number(entry.Y)}
		if key.Curve.IsOnCurve(key.X, key.Y) {
			return key
		}
	case entry.Algorithm == "EdDSA" && entry.Type == "OKP" && entry.Curve == "Ed25519":
		if bytes := octets(entry.X); len(bytes) == ed25519.PublicKeySize {
			return ed25519.PublicKey(bytes)
		}
	}
	return nil
}

func number(text string) *big.Int { return new(big.Int).SetBytes(octets(text)) }

// octets is empty for what is no base64url, which then is no key.
func octets(text string) []byte {
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return bytes
}
