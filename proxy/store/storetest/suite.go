// Package storetest judges whatever stands behind memory: the same acceptance
// suite for every httpcache.Cache.
package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gregjones/httpcache"
)

// Suite checks that what open returns keeps what it is given. Open is called once
// for each test and cleans up after itself.
func Suite(t *testing.T, open func(t *testing.T) httpcache.Cache) {
	tests := []struct {
		name string
		run  func(t *testing.T, c httpcache.Cache)
	}{
		{"nothing is there at first", func(t *testing.T, c httpcache.Cache) { absent(t, c, key(1)) }},
		{"what is set is found at once", func(t *testing.T, c httpcache.Cache) {
			c.Set(key(1), []byte("one"))
			present(t, c, key(1), "one")
			absent(t, c, key(2))
		}},
		{"the last of two sets counts", func(t *testing.T, c httpcache.Cache) {
			for i := range 50 {
				c.Set(key(1), fmt.Append(nil, i))
			}
			present(t, c, key(1), "49")
		}},
		{"what is deleted is gone, the rest is not", func(t *testing.T, c httpcache.Cache) {
			c.Set(key(1), []byte("one"))
			c.Set(key(2), []byte("two"))
			c.Delete(key(1))
			absent(t, c, key(1))
			present(t, c, key(2), "two")
			c.Set(key(1), []byte("again"))
			present(t, c, key(1), "again")
		}},
		{"deleting what is not there does nothing", func(t *testing.T, c httpcache.Cache) {
			c.Delete(key(1))
			absent(t, c, key(1))
		}},
		{"any byte comes back", func(t *testing.T, c httpcache.Cache) {
			var all strings.Builder
			for i := range 256 {
				all.WriteByte(byte(i))
			}
			c.Set(key(1), []byte(all.String()))
			present(t, c, key(1), all.String())
		}},
		{"an empty value is a value", func(t *testing.T, c httpcache.Cache) {
			c.Set(key(1), []byte{})
			present(t, c, key(1), "")
		}},
		{"half a megabyte comes back", func(t *testing.T, c httpcache.Cache) {
			large := strings.Repeat("0123456789abcdef", 32<<10)
			c.Set(key(1), []byte(large))
			present(t, c, key(1), large)
		}},
		{"two hundred keys are told apart", func(t *testing.T, c httpcache.Cache) {
			for i := range 200 {
				c.Set(key(i), fmt.Append(nil, "value ", i))
			}
			for i := range 200 {
				present(t, c, key(i), fmt.Sprint("value ", i))
			}
		}},
		{"goroutines do not disturb each other", func(t *testing.T, c httpcache.Cache) {
			var wg sync.WaitGroup
			for g := range 8 {
				wg.Go(func() {
					for i := range 50 {
						k, v := key(1000*g+i), fmt.Append(nil, g, "/", i)
						c.Set(k, v)
						if got, ok := c.Get(k); !ok || !bytes.Equal(got, v) {
							t.Errorf("%d/%d: got %q %v, want %q", g, i, got, ok, v)
						}
						c.Delete(k)
					}
				})
			}
			wg.Wait()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// key is in the form of cachepolicy.Key.Hash: 64 hex digits.
func key(i int) string { return fmt.Sprintf("%064x", i) }

func present(t *testing.T, c httpcache.Cache, key, want string) {
	t.Helper()
	got, ok := c.Get(key)
	switch {
	case !ok:
		t.Errorf("%s: not there, want %d bytes", key, len(want))
	case string(got) != want:
		t.Errorf("%s: got %d bytes that differ from the %d set", key, len(got), len(want))
	}
}

func absent(t *testing.T, c httpcache.Cache, key string) {
	t.Helper()
	if got, ok := c.Get(key); ok {
		t.Errorf("%s: got %q, want nothing", key, got)
	}
}
