package proxy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
)

// Lengths of the ids, in random bytes and as they are written.
const (
	requestBytes = 40
	hopBytes     = 16
	cfIDBytes    = (requestBytes + 2) / 3 * 4
)

// ids makes the ids that CloudFront gives each request.
type ids struct {
	seeded bool
	mu     sync.Mutex
	rng    *rand.ChaCha8 // of the seed; guarded by mu
}

// newIDs makes a source of ids: the same ones for the same seed, random ones for
// the empty seed.
func newIDs(seed string) *ids {
	if seed == "" {
		return &ids{}
	}
	return &ids{seeded: true, rng: rand.NewChaCha8(sha256.Sum256([]byte(seed)))}
}

// hop is the id in Via: 32 hex digits. [XC-12]
func (s *ids) hop() string {
	var b [hopBytes]byte
	s.read(b[:])
	return hex.EncodeToString(b[:])
}

// both are an X-Amz-Cf-Id, 56 characters of URL-safe base64 that end in "==" [XC-15],
// and a hop.
func (s *ids) both() (request, hop string) {
	var b [cfIDBytes + 2*hopBytes]byte
	s.fill((*[cfIDBytes]byte)(b[:]), (*[2 * hopBytes]byte)(b[cfIDBytes:]))
	all := string(b[:])
	return all[:cfIDBytes], all[cfIDBytes:]
}

// fill writes both.
func (s *ids) fill(request *[cfIDBytes]byte, hop *[2 * hopBytes]byte) {
	var b [requestBytes + hopBytes]byte
	s.read(b[:requestBytes])
	s.read(b[requestBytes:])
	base64.URLEncoding.Encode(request[:], b[:requestBytes])
	hex.Encode(hop[:], b[requestBytes:])
}

// read fills b, whose length is a multiple of 8, with random bytes.
func (s *ids) read(b []byte) {
	if s.seeded {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.rng.Read(b)
		return
	}
	for ; len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, rand.Uint64()) // one generator for each thread
	}
}
