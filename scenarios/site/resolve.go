package site

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"sort"
	"strings"
)

// References returns every reference in the build: first those a browser can come to
// from a page, each file under every URL by which it is asked for, then those of
// files that no page leads to, under their own URL. Order: From, FromURL, place.
// They are worked out once; the list is the caller's.
func (b *Build) References() []Reference {
	b.once.Do(func() { b.refs = b.resolve() })
	return slices.Clone(b.refs)
}

func (b *Build) resolve() []Reference {
	w := walk{build: b, seen: map[visit]bool{}, refs: map[place]Reference{}, reached: map[string]bool{}}
	for _, page := range b.Pages() {
		w.from(page)
	}
	for _, f := range b.Files {
		if !w.reached[f.Path] {
			w.context = pageContext{url: f.URL, base: f.URL}
			w.file(visit{context: w.context.key(), url: f.URL, path: f.Path}, false)
		}
	}
	refs := make([]Reference, 0, len(w.refs))
	for _, r := range w.refs {
		refs = append(refs, r)
	}
	sort.Slice(refs, func(i, j int) bool {
		a, b := refs[i], refs[j]
		switch {
		case a.From != b.From:
			return a.From < b.From
		case a.FromURL != b.FromURL:
			return a.FromURL < b.FromURL
		case a.at.start != b.at.start:
			return a.at.start < b.at.start
		}
		return a.URL < b.URL
	})
	b.classify(refs)
	return refs
}

// visit is one file under one URL, asked for by pages that see it alike.
type visit struct{ context, url, path string }

// place is one reference under one URL of its file; pages with different import maps
// may resolve it to different URLs.
type place struct {
	fromURL, from string
	start         int
	url           string
}

// pageContext is what scripts need to know of the page they run in.
type pageContext struct {
	url  string // of the page
	base string // what its relative references are resolved against
	maps importMap
}

// key is equal for pages in which every script resolves the same references alike.
func (c pageContext) key() string {
	text := c.base[:strings.LastIndex(c.base, "/")+1]
	if !c.maps.empty() {
		m, _ := json.Marshal(c.maps) // strings only: cannot fail, and maps are sorted
		text += " " + string(m)
	}
	return text
}

// walk goes from pages to all they lead to.
type walk struct {
	build   *Build
	context pageContext
	seen    map[visit]bool
	refs    map[place]Reference
	reached map[string]bool // by path
}

// from follows one page.
func (w *walk) from(page *File) {
	b := w.build
	c := pageContext{url: page.URL, base: page.URL, maps: b.maps[page.Path]}
	if base := b.bases[page.Path]; base != "" {
		if u, err := join(page.URL, base); err == nil {
			c.base = u.String()
		}
	}
	w.context = c
	key := c.key()
	todo := []visit{{context: key, url: page.URL, path: page.Path}}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, next := range w.file(v, true) {
			next.context = key
			if !w.seen[next] {
				w.seen[next] = true
				todo = append(todo, next)
			}
		}
	}
}

// file resolves the references of one file and returns the files they lead to.
func (w *walk) file(v visit, reachable bool) []visit {
	if reachable {
		w.reached[v.path] = true
	}
	var next []visit
	for _, f := range w.build.found[v.path] {
		r := w.resolve(v, f)
		if f.guess && r.Target == "" {
			continue
		}
		r.Reachable = reachable && f.via != ViaSourceMap
		at := place{fromURL: v.url, from: v.path, start: f.start, url: r.URL}
		if _, known := w.refs[at]; !known {
			w.refs[at] = r
		}
		if target, ok := w.build.byPath[r.Target]; ok && r.Reachable && !target.Page { // pages are walked for themselves
			next = append(next, visit{url: r.URL, path: r.Target})
		}
	}
	return next
}

// resolve says which URL and which file a reference names. Class is left to
// classify, but for what is unreadable, foreign or absent.
func (w *walk) resolve(v visit, f found) Reference {
	r := Reference{From: v.path, FromURL: v.url, Line: f.line, Raw: f.raw, Kind: f.kind, Via: f.via, Class: Unreadable, at: f}
	against := v.url
	if f.document || v.url == w.context.url {
		against = w.context.base
	}
	if f.guess {
		against = w.build.base()
	}
	raw := cmp.Or(f.url, f.raw)
	if f.via == ViaTurbopack {
		raw = cmp.Or(w.build.chunk(v.url, raw), raw)
	}
	if f.module && !isPathLike(raw) {
		to, ok := w.context.maps.resolve(raw, v.url, func(address string) string {
			if u, err := join(w.context.base, address); err == nil {
				return w.build.local(u)
			}
			return address
		})
		if !ok {
			return r
		}
		raw, against = to, w.context.base
	}
	u, err := join(against, raw)
	if err != nil {
		return r
	}
	r.URL = w.build.local(u)
	if u.Host != "" && !w.build.own(u.Host) {
		r.Class = Foreign
		return r
	}
	r.Class = Absent
	if file, ok := w.build.Locate(r.URL); ok {
		r.Class, r.Target = Bare, file.Path
	}
	return r
}

// isPathLike says whether a module specifier is a URL and needs no import map.
func isPathLike(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.Contains(s, "://")
}

// join resolves a reference the way a browser does: blanks around it and line breaks
// in it do not count, and a backslash is a slash.
func join(base, ref string) (*url.URL, error) {
	ref = strings.NewReplacer("\t", "", "\n", "", "\r", "", " ", "%20").Replace(strings.TrimSpace(ref))
	if p, _, _ := strings.Cut(ref, "?"); strings.Contains(p, `\`) {
		ref = strings.ReplaceAll(p, `\`, "/") + ref[len(p):]
	}
	b, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	u, err := b.Parse(ref)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "" && u.Host == "" {
		return nil, &url.Error{Op: "resolve", URL: ref, Err: url.InvalidHostError(u.Scheme)}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// local returns a URL of this site from its path on, and any other whole.
func (b *Build) local(u *url.URL) string {
	if u.Host != "" && !b.own(u.Host) {
		return u.String()
	}
	v := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery, ForceQuery: u.ForceQuery}
	if v.Path == "" {
		v.Path = "/"
	}
	return v.String()
}
