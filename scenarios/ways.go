package scenarios

import (
	"slices"

	"staleproof/scenarios/site"
)

// step is a file on the way from a page to an asset.
type step struct {
	url  string
	file *site.File
	ref  site.Reference // by which the one before names it; zero for a page
}

// ways are the shortest ways from the pages of a build to what they lead to.
type ways struct {
	build *site.Build
	refs  map[string][]site.Reference // by the URL of the file they stand in
	all   map[string]*step            // from whatever page is nearest
	from  map[string]map[string]*step // by page, as asked for
}

func newWays(b *site.Build) *ways {
	w := &ways{build: b, refs: map[string][]site.Reference{}, from: map[string]map[string]*step{}}
	for _, r := range b.References() {
		if t, ok := b.File(r.Target); ok && r.Reachable && !t.Page && r.Via != site.ViaSourceMap {
			w.refs[r.FromURL] = append(w.refs[r.FromURL], r)
		}
	}
	w.all = w.walk(b.Pages()...)
	return w
}

// walk goes breadth first, so that ways are shortest.
func (w *ways) walk(pages ...*site.File) map[string]*step {
	seen := map[string]*step{}
	var todo []string
	for _, p := range pages {
		seen[p.URL] = &step{url: p.URL, file: p}
		todo = append(todo, p.URL)
	}
	for len(todo) > 0 {
		from := todo[0]
		todo = todo[1:]
		for _, r := range w.refs[from] {
			if seen[r.URL] == nil {
				f, _ := w.build.File(r.Target)
				seen[r.URL] = &step{url: r.URL, file: f, ref: r}
				todo = append(todo, r.URL)
			}
		}
	}
	return seen
}

// to is the way to an asset: from the page called root if it leads there, else from
// the nearest; nil if none does.
func (w *ways) to(url, root string) []step {
	if root != "" {
		if f, ok := w.build.Locate(root); ok && f.Page {
			if w.from[root] == nil {
				w.from[root] = w.walk(f)
			}
			if way := back(w.from[root], url); way != nil {
				return way
			}
		}
	}
	return back(w.all, url)
}

func back(seen map[string]*step, url string) []step {
	var out []step
	for s := seen[url]; s != nil; s = seen[s.ref.FromURL] {
		out = append(out, *s)
		if s.ref.FromURL == "" {
			break
		}
	}
	slices.Reverse(out)
	return out
}
