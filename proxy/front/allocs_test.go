//go:build !race

package front

import "testing"

// Not under the race detector, which makes sync.Pool forget things.

// TestHitAllocatesNothing: in steady state a hit makes no garbage, whether a
// viewer's fields are the same each time or not.
func TestHitAllocatesNothing(t *testing.T) {
	s := &Server{Hitter: hitFunc(hitKilobyte)}
	for _, row := range []struct{ name, requests string }{
		{"the same fields each time", browser},
		{"different fields each time", browser + lowerCase},
		{"HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			const rounds = 1000
			few := testing.AllocsPerRun(5, func() { serveReplay(s, row.requests, 1) })
			many := testing.AllocsPerRun(5, func() { serveReplay(s, row.requests, 1+rounds) })
			if per := (many - few) / rounds; per > 0.05 { // the pools may be emptied in between
				t.Errorf("got %v allocations a round, want 0 (%v and %v in all)", per, few, many)
			}
		})
	}
}
