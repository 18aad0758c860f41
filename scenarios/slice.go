package scenarios

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// Slice picks, from two builds of a site, the files that stand for all others when
// a deploy is explored: a page, an asset that it names, and one that this asset
// names in turn; those that change from one build to the other before those that
// do not. The explorer's work grows by a factor of about ten with each file, and
// cache keys do not influence each other, so that more of the same would take
// longer and show nothing else. Files says which they are, as the builds have
// them.
func Slice(before, after *site.Build) (s prove.Site, files []string, err error) {
	g := newGraph(before, after)
	page, parent, child := g.chain()
	if parent == "" {
		return s, nil, fmt.Errorf("build %s: no page names an asset, so that there is nothing that could be stale", after.Name)
	}
	chosen := []string{page, parent}
	if child != "" {
		chosen = append(chosen, child)
	}
	names := map[string]string{}
	for i, p := range chosen {
		name := flat(g.logical[p])
		if i == 0 {
			name = "html"
		}
		if slices.ContainsFunc(s.Assets, func(a prove.Asset) bool { return a.Name == name }) {
			name = fmt.Sprintf("%d-%s", i, name)
		}
		names[p] = name
		s.Assets = append(s.Assets, prove.Asset{Name: name, Page: i == 0, Fixed: i > 0 && !g.changed[p]})
	}
	for i, p := range chosen {
		for _, to := range g.refs[p] {
			if name, ok := names[to]; ok && to != p && to != page && !slices.Contains(s.Assets[i].Refs, name) {
				s.Assets[i].Refs = append(s.Assets[i].Refs, name)
			}
		}
	}
	s.Name = before.Name + " to " + after.Name
	return s, chosen, nil
}

// flat is an asset's name without folders and without what stands for a version.
func flat(name string) string {
	base := path.Base(name)
	ext := path.Ext(base)
	stem := strings.Trim(strings.ReplaceAll(strings.TrimSuffix(base, ext), "*", ""), ".-_")
	if stem == "" {
		stem = "asset"
	}
	return stem + ext
}

// graph is what the files of the later build refer to, and which of them are new
// in themselves.
type graph struct {
	build   *site.Build
	refs    map[string][]string // by path: paths of assets, in order of place
	logical map[string]string   // by path: the name without a version
	changed map[string]bool     // by path
}

func newGraph(before, after *site.Build) *graph {
	g := &graph{build: after, refs: map[string][]string{}, logical: map[string]string{}, changed: map[string]bool{}}
	for _, a := range site.Recognise(before, after) {
		for _, u := range a.URLs {
			if u.Index == 1 {
				g.logical[u.Path] = a.Name
			}
		}
	}
	byURL := map[string]string{}
	for _, r := range after.References() {
		if t, ok := after.File(r.Target); ok && r.Reachable && !t.Page {
			g.refs[r.From] = append(g.refs[r.From], r.Target)
			byURL[r.URL] = r.Target
		}
	}
	for _, c := range site.Compare(before, after).Assets {
		if p := byURL[c.After]; p != "" && (c.Change == site.Changed || c.Change == site.Rebound || c.Change == site.Added) {
			g.changed[p] = true
		}
	}
	return g
}

// chain is the most telling page, asset and nested asset. The first wins a tie.
func (g *graph) chain() (page, parent, child string) {
	best := -1
	try := func(p, a, n string) {
		score := 0
		if g.changed[a] {
			score += 2
		}
		if n != "" {
			score++
		}
		if g.changed[n] {
			score += 2
		}
		if score > best {
			best, page, parent, child = score, p, a, n
		}
	}
	for _, p := range g.build.Pages() {
		for _, a := range g.refs[p.Path] {
			try(p.Path, a, "")
			for _, n := range g.refs[a] {
				if n != a {
					try(p.Path, a, n)
				}
			}
		}
	}
	return page, parent, child
}
