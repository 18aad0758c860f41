package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
)

// Pages of every size, put one after the other, are everything, once, in order.
func TestStoredAfter(t *testing.T) {
	const all = 20
	w := newWorld(t, optimized(), page("x"))
	for i := range all {
		w.do(fmt.Sprintf("/%02d", i))
	}
	w.do("/other")
	digits := func(s *cachepolicy.Stored) bool { return !strings.Contains(s.URI, "other") }
	for n := 1; n <= all+1; n++ {
		var uris []string
		after, more := "", true
		for pages := 0; more && pages <= all; pages++ {
			var page []cachepolicy.Stored
			page, more = w.edge.StoredAfter(after, n, digits)
			if len(page) > n || len(page) == 0 {
				t.Fatalf("pages of %d: one of %d", n, len(page))
			}
			for _, s := range page {
				uris = append(uris, s.URI)
			}
			after = page[len(page)-1].Key
		}
		for i := range all {
			if len(uris) != all || uris[i] != fmt.Sprintf("/%02d", i) {
				t.Fatalf("pages of %d: %q", n, uris)
			}
		}
	}
}

func TestNamed(t *testing.T) {
	l := newLive(t, page("x"), optimized())
	for _, tt := range []struct{ name, want string }{
		{"", "regional FRA56-P1"}, {"1", "FRA56-P1"}, {"fra56-p1", "FRA56-P1"}, {"regional", "regional"}, {"2", ""}, {"0", ""}, {"XXX", ""},
	} {
		edges, err := l.Named(tt.name)
		var got []string
		for _, e := range edges {
			got = append(got, e.POP())
		}
		if strings.Join(got, " ") != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%q: got %v, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c proxy.Clock
		start := time.Now()
		if !c.Set(start.Add(time.Hour)) || !c.Now().Equal(start.Add(time.Hour)) {
			t.Errorf("an hour ahead: now %v", c.Now().Sub(start))
		}
		if c.Set(start.Add(time.Minute)) || c.Set(start.Add(time.Hour)) || !c.Now().Equal(start.Add(time.Hour)) {
			t.Errorf("set back: now %v", c.Now().Sub(start))
		}
		time.Sleep(time.Second)
		if !c.Now().Equal(start.Add(time.Hour + time.Second)) {
			t.Errorf("a second later it is %v", c.Now().Sub(start))
		}
	})
}
