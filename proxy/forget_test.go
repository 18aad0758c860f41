package proxy

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
	"staleproof/proxy/store"
)

// Law 3 where the list is forgotten: that is as if an invalidation of everything had
// been appended to one that is never forgotten, for whatever mark; and nothing of
// what was before is remembered.
func TestForgottenInvalidations(t *testing.T) {
	paths := []string{"/a", "/b", "/b/c"}
	rapid.Check(t, func(t *rapid.T) {
		var v invalidations
		var all []effective // never forgotten; without a scope: everything
		now := time.Unix(0, 0)
		since := 0
		var responses []*store.Response
		mark := func() (n uint64) {
			for i := range all {
				if !all[i].Effective.After(now) {
					n = uint64(i) + 1
				}
			}
			return n
		}
		t.Repeat(map[string]func(*rapid.T){
			"invalidate": func(t *rapid.T) {
				r := effective{Scope: "d", Effective: now.Add(time.Minute)}
				r.Items = []string{rapid.SampledFrom([]string{"/a", "/b*", "/*", "/none"}).Draw(t, "item")}
				kept := v.all()
				kept.List = append(kept.List, r)
				v.kept.Store(&kept)
				all = append(all, r)
				since++
			},
			"forget": func(t *rapid.T) {
				v.forget()
				all = append(all, effective{Effective: now})
				since = 0
			},
			"wait": func(t *rapid.T) { now = now.Add(40 * time.Second) },
			"store": func(t *rapid.T) { // what was asked for now, or long ago
				path := rapid.SampledFrom(paths).Draw(t, "path")
				responses = append(responses, store.NewResponse(&cachepolicy.Stored{
					Key: "d " + path, URI: path, Mark: rapid.Uint64Range(0, mark()).Draw(t, "mark"),
				}, store.BytesBody(nil)))
			},
			"": func(t *rapid.T) {
				if got := len(v.all().List); got != since {
					t.Fatalf("%d are remembered, %d were sent since all was forgotten", got, since)
				}
				if v.mark(now) != mark() {
					t.Fatalf("the mark is %d, want %d", v.mark(now), mark())
				}
				for _, r := range responses {
					want := false
					for i := r.Stored.Mark; i < mark(); i++ {
						want = want || all[i].Scope == "" || all[i].Covers(r.Stored)
					}
					if got, again := v.cover(r.Stored, mark()), v.coverNow(r, mark()); got != want || again != want {
						t.Fatalf("%s of mark %d at %d is covered: %v and %v, want %v; invalidations %s",
							r.Stored.URI, r.Stored.Mark, mark(), got, again, want, fmt.Sprint(all))
					}
				}
			},
		})
	})
}
