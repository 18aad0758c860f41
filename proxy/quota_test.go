package proxy

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/store"
)

// TestBooksSayWhatAWalkSays sends, adopts, strikes and lets time pass, and asks the
// books and somebody who walks over all that was entered.
func TestBooksSayWhatAWalkSays(t *testing.T) {
	var files, wildcards []string
	for i := range 900 {
		files = append(files, fmt.Sprintf("/%d", i))
	}
	for i := range maxWildcards + 2 {
		wildcards = append(wildcards, fmt.Sprintf("/%d*", i))
	}
	rapid.Check(t, func(t *rapid.T) {
		e := &Edge{}
		now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
		var entered []booked
		sent := 0
		items := func() []string {
			n := rapid.SampledFrom([]int{1, 2, 3, 899, 900}).Draw(t, "files")
			m := rapid.SampledFrom([]int{0, 1, 14, 17}).Draw(t, "wildcards")
			return slices.Concat(files[:n], wildcards[:m])
		}
		domain := rapid.SampledFrom([]string{"a.example", "b.example"})
		completed := func() time.Time { return now.Add(time.Duration(rapid.IntRange(-5, 60).Draw(t, "delay")) * time.Second) }
		t.Repeat(map[string]func(*rapid.T){
			"send": func(t *rapid.T) {
				d := &distribution.Distribution{ID: "E", Domain: domain.Draw(t, "to")}
				b := Batch{Items: items(), CallerReference: rapid.SampledFrom([]string{"", "r", "s"}).Draw(t, "reference")}
				want := ""
				for _, old := range entered {
					if b.CallerReference != "" && old.scope == d.Domain && old.CallerReference == b.CallerReference && want == "" {
						if want = "InvalidationBatchAlreadyExists"; b.same(old.Items) {
							want = old.ID
						}
					}
				}
				files, wildcards := count(b.Items)
				for _, old := range entered {
					if f, w := count(old.Items); old.scope == d.Domain && now.Before(old.Completed) {
						files, wildcards = files+f, wildcards+w
					}
				}
				moreFiles, moreWildcards := count(b.Items)
				if want == "" && (moreFiles > 0 && files > maxFiles || moreWildcards > 0 && wildcards > maxWildcards) {
					want = "TooManyInvalidationsInProgress"
				}
				sent++
				id := fmt.Sprint("I", sent)
				p, begun, err := e.books.open(d, b, id, now, completed())
				var refused *APIError
				switch {
				case errors.As(err, &refused):
					if refused.Code != want {
						t.Fatalf("refused with %v, want %q", err, want)
					}
				case want != "" && (begun || p.ID != want), want == "" && !begun:
					t.Fatalf("entered %v as %s, want %q", begun, p.ID, want)
				case begun:
					entered = append(entered, booked{p, d.Domain})
				}
			},
			"adopt": func(t *rapid.T) {
				id := fmt.Sprint("F", rapid.IntRange(0, 9).Draw(t, "id"))
				r := store.Record{
					Invalidation: cachepolicy.Invalidation{ID: id, Created: now}, Sent: items(),
					Scope: domain.Draw(t, "scope"), CallerReference: "r", Completed: completed(),
				}
				if _, err := e.Progress(id); err != nil {
					p := Progress{Invalidation: cachepolicy.Invalidation{ID: id, Items: r.Sent, Created: now}, CallerReference: "r", Completed: r.Completed}
					entered = append(entered, booked{p, r.Scope})
				}
				e.books.adopt(r)
			},
			"strike": func(t *rapid.T) {
				if len(entered) > 0 {
					i := rapid.IntRange(0, len(entered)-1).Draw(t, "which")
					e.books.strike(entered[i].ID)
					entered = append(entered[:i:i], entered[i+1:]...)
				}
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 1800).Draw(t, "seconds")) * time.Second)
			},
			"": func(t *rapid.T) {
				paths := 0
				for _, b := range entered {
					if monthOf(b.Created) == monthOf(now) {
						paths += len(b.Items)
					}
					if p, err := e.Progress(b.ID); err != nil || p.Completed != b.Completed || p.ID != b.ID {
						t.Fatalf("%s: got %+v, %v", b.ID, p, err)
					}
				}
				if got := e.Bill(now).Paths; got != paths {
					t.Fatalf("billed %d paths, want %d", got, paths)
				}
				if all := e.Invalidations(); len(all) != len(entered) {
					t.Fatalf("%d are listed, want %d", len(all), len(entered))
				}
			},
		})
	})
}
