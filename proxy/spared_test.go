package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// Invalidations that did not cover a stored response are not looked at again; one that
// does is seen all the same. Law 3.
func TestSparedByMany(t *testing.T) {
	w := newWorld(t, optimized(), page("hello"))
	w.do("/a")
	hit := func() bool {
		_, _, ok := w.edge.Hit(nil, frontRequest(httptest.NewRequest(http.MethodGet, "/a", nil)))
		return ok
	}
	for i := range 20 {
		w.edge.Invalidate("", "/b/"+strconv.Itoa(i))
		if i%3 == 0 && !hit() {
			t.Fatalf("after %d that do not cover it: no hit", i)
		}
	}
	w.do("/a", "Range: bytes=0-1") // the longer way
	w.wantFetched(1)
	w.edge.Invalidate("", "/a")
	if hit() {
		t.Error("a hit after the invalidation that covers it")
	}
	w.do("/a")
	w.wantFetched(2)
	if !hit() {
		t.Error("no hit after it was fetched again")
	}
}
