package cloudfront

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// distributions is their kind: the first step of their paths, and what a [Keeper]
// is told. The other kinds are those of simple resources.
const distributions = "distribution"

// shelf holds all resources, by kind and id.
type shelf map[string]map[string]*record

func newShelf() shelf {
	s := shelf{distributions: {}}
	for _, k := range kinds {
		s[k.collection] = map[string]*record{}
	}
	return s
}

func (s shelf) clone() shelf {
	out := shelf{}
	for kind, records := range s {
		out[kind] = maps.Clone(records)
	}
	return out
}

// sorted are the resources of a kind in the order of their ids, in which they are
// listed.
func (s shelf) sorted(kind string) []*record {
	var all []*record
	for _, id := range slices.Sorted(maps.Keys(s[kind])) {
		all = append(all, s[kind][id])
	}
	return all
}

// letters makes n upper-case letters and digits.
func (a *API) letters(n int) string {
	const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := a.random(n)
	for i := range b {
		b[i] = symbols[int(b[i])%len(symbols)]
	}
	return string(b)
}

// id makes an id or an ETag: E and 13 letters or digits. [API-10], [API-11]
func (a *API) id() string { return "E" + a.letters(13) }

// uuid makes a lower-case one, as policies and requests have. [API-11]
func (a *API) uuid() string { return formatUUID([16]byte(a.random(16))) }

func (a *API) domain() string { return "d" + strings.ToLower(a.letters(13)) + ".cloudfront.net" }

func (a *API) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(a.options.Random, b); err != nil {
		panic(err) // crypto/rand never fails; a test's reader has to be endless
	}
	return b
}

func formatUUID(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// derived makes the same letters of the same words, for what is not created here.
func derived(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\n")))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}
