package site

import (
	"sort"
	"strings"
)

// Change is what became of one asset from one build to the next.
type Change string

const (
	Same     Change = "same"     // same URL, same bytes
	Rebound  Change = "rebound"  // same URL, other bytes: caches cannot tell
	Changed  Change = "changed"  // new URL, and new in itself
	Cascaded Change = "cascaded" // new URL, only because what it refers to has one
	Recopied Change = "recopied" // new URL, same bytes: fetched again for nothing
	Added    Change = "added"
	Removed  Change = "removed"
)

// Changes lists all changes in the order they are reported.
func Changes() []Change { return []Change{Same, Rebound, Changed, Cascaded, Recopied, Added, Removed} }

// AssetChange is one line of a comparison.
type AssetChange struct {
	Asset  string // the URL without its version
	Change Change
	Before string // URL; "" when added
	After  string // URL; "" when removed
}

// Comparison is what a release costs the caches.
type Comparison struct {
	Assets []AssetChange // in order of name and URL
	Counts map[Change]int

	ColdURLs  int   // URLs that no cache has yet: changed, cascaded, recopied and added
	ColdBytes int64 // their bytes, before compression
}

// Compare says what each asset that pages lead to does from before to after, and how
// much of it every cache has to fetch anew.
func Compare(before, after *Build) Comparison {
	c := Comparison{Counts: map[Change]int{}}
	texts := map[*Build]map[string]Hash{before: normal(before), after: normal(after)}
	for _, a := range Recognise(before, after) {
		old, now := map[string]AssetURL{}, map[string]AssetURL{}
		for _, u := range a.URLs {
			if u.Index == 0 {
				old[u.URL] = u
			} else {
				now[u.URL] = u
			}
		}
		c.pair(a.Name, old, now, func(x, y AssetURL) Change {
			switch {
			case x.URL == y.URL && x.Hash == y.Hash:
				return Same
			case x.URL == y.URL:
				return Rebound
			case x.Hash == y.Hash:
				return Recopied
			case texts[before][x.URL] == texts[after][y.URL]:
				return Cascaded
			}
			return Changed
		})
	}
	sort.Slice(c.Assets, func(i, j int) bool {
		a, b := c.Assets[i], c.Assets[j]
		if a.Asset != b.Asset {
			return a.Asset < b.Asset
		}
		return a.Before+a.After < b.Before+b.After
	})
	c.cost(after)
	return c
}

// pair sets URLs that stayed against themselves, then the rest in order.
func (c *Comparison) pair(name string, old, now map[string]AssetURL, judge func(x, y AssetURL) Change) {
	var gone, come []string
	for u := range old {
		if _, ok := now[u]; ok {
			c.add(AssetChange{Asset: name, Change: judge(old[u], now[u]), Before: u, After: u})
		} else {
			gone = append(gone, u)
		}
	}
	for u := range now {
		if _, ok := old[u]; !ok {
			come = append(come, u)
		}
	}
	sort.Strings(gone)
	sort.Strings(come)
	for i := range max(len(gone), len(come)) {
		switch {
		case i >= len(gone):
			c.add(AssetChange{Asset: name, Change: Added, After: come[i]})
		case i >= len(come):
			c.add(AssetChange{Asset: name, Change: Removed, Before: gone[i]})
		default:
			c.add(AssetChange{Asset: name, Change: judge(old[gone[i]], now[come[i]]), Before: gone[i], After: come[i]})
		}
	}
}

func (c *Comparison) add(a AssetChange) {
	c.Assets = append(c.Assets, a)
	c.Counts[a.Change]++
}

func (c *Comparison) cost(after *Build) {
	for _, a := range c.Assets {
		switch a.Change {
		case Changed, Cascaded, Recopied, Added:
			c.ColdURLs++
			if f, ok := after.Locate(a.After); ok {
				c.ColdBytes += f.SizeBytes
			}
		}
	}
}

// normal returns for every asset URL of a build a hash of its text in which each
// reference is exchanged for the name of what it refers to.
func normal(b *Build) map[string]Hash {
	refs := map[string][]Reference{}
	for _, r := range b.References() {
		if r.Reachable || r.Via == ViaSourceMap {
			refs[r.FromURL] = append(refs[r.FromURL], r)
		}
	}
	texts := map[string]Hash{}
	for _, s := range assetsOf(0, b) {
		f := b.byPath[s.at.Path]
		texts[s.at.URL] = f.Hash
		if f.text == nil {
			continue
		}
		var out strings.Builder
		last := 0
		for _, r := range refs[s.at.URL] {
			if r.Target == "" || r.at.start < last {
				continue
			}
			out.Write(f.text[last:r.at.start])
			out.WriteString(b.name(r.URL, b.byPath[r.Target]).name)
			last = r.at.end
		}
		out.Write(f.text[last:])
		texts[s.at.URL] = HashOf([]byte(out.String()))
	}
	return texts
}
