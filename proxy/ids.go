package proxy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"sync"
)

// ids makes the ids that CloudFront gives each request.
type ids struct {
	mu  sync.Mutex
	rng *rand.ChaCha8 // guarded by mu
}

// newIDs makes a source of ids: the same ones for the same seed, random ones for
// the empty seed.
func newIDs(seed string) *ids {
	key := sha256.Sum256([]byte(seed))
	if seed == "" {
		for i := range key {
			key[i] = byte(rand.Uint32())
		}
	}
	return &ids{rng: rand.NewChaCha8(key)}
}

// request is an X-Amz-Cf-Id: 56 characters of URL-safe base64 that end in "==".
// [XC-15]
func (s *ids) request() string {
	var b [40]byte
	s.read(b[:])
	return base64.URLEncoding.EncodeToString(b[:])
}

// hop is the id in Via: 32 hex digits. [XC-12]
func (s *ids) hop() string {
	var b [16]byte
	s.read(b[:])
	return hex.EncodeToString(b[:])
}

func (s *ids) read(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rng.Read(b)
}
