package site

import (
	"fmt"
	"sort"
)

// Bound is what a URL stands for in one build.
type Bound struct {
	Build string
	Index int    // position of the build among those bound, from 0
	Path  string // of the file
	Hash  Hash
	From  string // where the build names the URL first: path:line; "": nowhere, or a page
}

// Binding is a URL and what it stands for, by build.
type Binding struct {
	URL   string
	Page  bool    // a document: it is meant to change under its URL
	Bound []Bound // in order of builds
}

// Hashes returns the distinct hashes the URL is bound to, in order of builds.
func (b Binding) Hashes() []Hash {
	var list []Hash
	seen := map[Hash]bool{}
	for _, x := range b.Bound {
		if !seen[x.Hash] {
			seen[x.Hash] = true
			list = append(list, x.Hash)
		}
	}
	return list
}

// Clash is one URL with two byte strings: whoever caches it may serve either.
type Clash struct {
	URL    string
	First  Bound // of the earlier build
	Second Bound
}

// String returns the clash in one line with both files.
func (c Clash) String() string {
	text := fmt.Sprintf("%s: %s of build %s has %s", c.URL, c.First.Path, c.First.Build, c.First.Hash.Short())
	text += fmt.Sprintf(", %s of build %s has %s", c.Second.Path, c.Second.Build, c.Second.Hash.Short())
	if c.Second.From != "" {
		text += "; named in " + c.Second.From
	}
	return text
}

// Table is the binding table of several builds: which bytes each URL stands for, for
// all URLs that pages lead to, and which builds have which bytes.
type Table struct {
	Bindings []Binding // in order of URL
	builds   []*Build
	byURL    map[string]*Binding
	byHash   map[Hash][]Bound
}

// Bind makes the binding table of builds, given in order of release.
func Bind(builds ...*Build) *Table {
	t := &Table{builds: builds, byURL: map[string]*Binding{}, byHash: map[Hash][]Bound{}}
	for i, b := range builds {
		for _, f := range b.Files {
			t.byHash[f.Hash] = append(t.byHash[f.Hash], Bound{Build: b.Name, Index: i, Path: f.Path, Hash: f.Hash})
		}
		for _, p := range b.Pages() {
			t.bind(p.URL, true, Bound{Build: b.Name, Index: i, Path: p.Path, Hash: p.Hash})
		}
		for _, r := range b.References() {
			if f := b.byPath[r.Target]; f != nil && r.Reachable {
				t.bind(r.URL, f.Page, Bound{Build: b.Name, Index: i, Path: f.Path, Hash: f.Hash, From: fmt.Sprintf("%s:%d", r.From, r.Line)})
			}
		}
	}
	for _, b := range t.byURL {
		t.Bindings = append(t.Bindings, *b)
	}
	sort.Slice(t.Bindings, func(i, j int) bool { return t.Bindings[i].URL < t.Bindings[j].URL })
	return t
}

// bind adds what a URL stands for, once for each build.
func (t *Table) bind(url string, page bool, x Bound) {
	b := t.byURL[url]
	if b == nil {
		b = &Binding{URL: url, Page: page}
		t.byURL[url] = b
	}
	for _, have := range b.Bound {
		if have.Index == x.Index {
			return
		}
	}
	b.Bound = append(b.Bound, x)
}

// At returns what a URL is bound to.
func (t *Table) At(url string) (Binding, bool) {
	b, ok := t.byURL[url]
	if !ok {
		return Binding{}, false
	}
	return *b, true
}

// Lookup returns the names of the builds that have these bytes, in order of release;
// none: bytes of no build, torn or changed on the way. This is how a response is told
// to be of a build: from bytes, never from headers.
func (t *Table) Lookup(h Hash) []string {
	var names []string
	last := -1
	for _, x := range t.byHash[h] {
		if x.Index != last {
			names, last = append(names, x.Build), x.Index
		}
	}
	return names
}

// Files returns every file that has these bytes, in order of release and path.
func (t *Table) Files(h Hash) []Bound { return append([]Bound(nil), t.byHash[h]...) }

// Clashes returns the URLs of assets that builds name and bind to different bytes:
// assumption A1, one URL for one byte string, is broken. Pages are left out.
func (t *Table) Clashes() []Clash {
	var list []Clash
	for _, b := range t.Bindings {
		if b.Page {
			continue
		}
		for _, x := range b.Bound[1:] {
			if x.Hash != b.Bound[0].Hash {
				list = append(list, Clash{URL: b.URL, First: b.Bound[0], Second: x})
				break
			}
		}
	}
	return list
}

// Rebound returns the URLs of assets that one build names and that a plain file server
// holding another build would answer with different bytes: assumption A2, whoever
// lacks a version says so, is broken. First is what the naming build means, Second
// what the other answers. Every clash is rebound too.
func (t *Table) Rebound() []Clash {
	var list []Clash
	for _, b := range t.Bindings {
		if b.Page {
			continue
		}
		if c, ok := t.reboundAt(b); ok {
			list = append(list, c)
		}
	}
	return list
}

func (t *Table) reboundAt(b Binding) (Clash, bool) {
	for _, x := range b.Bound {
		for i, other := range t.builds {
			if f, ok := other.Locate(b.URL); ok && i != x.Index && f.Hash != x.Hash {
				return Clash{URL: b.URL, First: x, Second: Bound{Build: other.Name, Index: i, Path: f.Path, Hash: f.Hash}}, true
			}
		}
	}
	return Clash{}, false
}

// Unreachable returns the paths that builds bind to different bytes although no page
// leads to them, such as manifest.json: worth a note, not a failure.
func (t *Table) Unreachable() []Clash {
	first := map[string]Bound{}
	told := map[string]bool{}
	var list []Clash
	for i, b := range t.builds {
		for _, f := range b.Files {
			x := Bound{Build: b.Name, Index: i, Path: f.Path, Hash: f.Hash}
			a, ok := first[f.URL]
			switch {
			case !ok:
				first[f.URL] = x
			case a.Hash != x.Hash && t.byURL[f.URL] == nil && !told[f.URL]:
				told[f.URL] = true
				list = append(list, Clash{URL: f.URL, First: a, Second: x})
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].URL < list[j].URL })
	return list
}
