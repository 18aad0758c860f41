package scenarios

import (
	"slices"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// goneAndBack is Row.Changes of an asset that a build between two others does not
// have.
const goneAndBack = "gone and back"

// Chain is [Rows] for builds that are deployed one after the other, in order: a kind
// is followed through all of them, so that a row shows what only a third build
// brings, such as a name that comes back with other bytes. An asset whose one URL
// stands for two files of any two builds has a row of its own, and so has one that is
// gone in between. A row has at most four files of each build.
func Chain(builds []*site.Build, control Control) ([]Row, error) {
	return newKinds(control, builds...).chained()
}

// chained are the rows of a chain.
func (k *kinds) chained() ([]Row, error) {
	k.chain = true
	var lines []line
	for _, a := range k.assets {
		lines = append(lines, k.lines(a)...)
	}
	return k.rows(lines)
}

// Part is the site of a row in the builds from first to last, counted from 0; with
// again there is one more at the end: the first of them released once more, under the
// ids of a new release in the URLs that have one. Only rows of a [Chain] have that.
func (r *Row) Part(first, last int, again bool) prove.Site {
	s := r.Site
	s.Builds = slices.Clone(r.Site.Builds[first : last+1])
	if again {
		s.Builds = append(s.Builds, r.again[first])
	}
	return s
}

// AtRoot gives the page at / a name, "index.html", in every build, also under new ids, as
// an edge does with a default root object. [ROOT-01]
func (r *Row) AtRoot(name string) {
	for _, b := range slices.Concat(r.Site.Builds, r.again) {
		for i := range b.Files {
			switch f := &b.Files[i]; {
			case f.Page && f.Path == "/":
				f.Path, f.URL = "/"+name, "/"+name
			case f.Page && f.CopyOf == "/":
				f.CopyOf, f.URL, f.Path = "/"+name, "/"+name, prove.CopyPath("/"+name, f.Coding)
			}
		}
	}
}

// lines are the assets of one name, each through all builds: a URL goes on with
// itself, the others in order with those that have none yet.
func (k *kinds) lines(a site.Asset) []line {
	var out []line
	byURL := map[string]int{}
	hashes := [][]site.Hash{}
	for i := range k.builds {
		var come []site.AssetURL
		put := func(n int, u site.AssetURL) {
			out[n].urls[i], hashes[n][i], byURL[u.URL] = u.URL, u.Hash, n
		}
		for _, u := range a.URLs {
			if n, ok := byURL[u.URL]; u.Index == i && ok && out[n].urls[i] == "" {
				put(n, u)
			} else if u.Index == i {
				come = append(come, u)
			}
		}
		for _, u := range come {
			n := slices.IndexFunc(out, func(l line) bool { return l.urls[i] == "" })
			if n < 0 {
				n = len(out)
				out = append(out, line{urls: make([]string, len(k.builds))})
				hashes = append(hashes, make([]site.Hash, len(k.builds)))
			}
			put(n, u)
		}
	}
	for n := range out {
		out[n].describe(hashes[n])
	}
	return out
}

// describe says what becomes of an asset whose bytes have these hashes.
func (l *line) describe(hashes []site.Hash) {
	last := len(l.urls) - 1
	bytes, gone, differ, before := map[string]site.Hash{}, false, false, -1
	l.sameBytes = true
	for i, u := range l.urls {
		if u == "" {
			continue
		}
		if h, ok := bytes[u]; ok && h != hashes[i] {
			l.rebound = true
		}
		bytes[u] = hashes[i]
		if before >= 0 {
			gone = gone || before < i-1
			differ = differ || u != l.urls[before] || hashes[i] != hashes[before]
			l.sameBytes = l.sameBytes && hashes[i] == hashes[before]
		}
		before = i
	}
	switch {
	case gone && differ:
		l.changes = goneAndBack
	case differ:
		l.changes = "changed"
	case l.urls[0] == "":
		l.changes = "added"
	case l.urls[last] == "":
		l.changes = "removed"
	default:
		l.changes = "unchanged"
	}
}

// reissued is a build once more, with another id wherever a URL has that of a
// release. A hash stays, since the bytes do, unless a reference in them changes: a
// name that should then change, too, is left, as a tool leaves it that hashes before
// it rewrites.
func (k *kinds) reissued(b prove.Build) prove.Build {
	var out prove.Build
	for _, f := range b.Files {
		was := f.URL
		f.URL = k.newID(was)
		if _, query, _ := strings.Cut(f.URL, "?"); query != "" && f.Version != "" {
			_, f.Version, _ = strings.Cut(query, "=")
		}
		at := f.Path
		if f.CopyOf != "" {
			at = f.CopyOf
		}
		if p, _, _ := strings.Cut(was, "?"); at == p {
			f.Path, _, _ = strings.Cut(f.URL, "?")
			if f.CopyOf != "" {
				f.CopyOf, f.Path = f.Path, prove.CopyPath(f.Path, f.Coding)
			}
		}
		refs := slices.Clone(f.Refs)
		for i, ref := range refs {
			refs[i] = k.reissuedRef(was, f.URL, ref)
		}
		if f.Page || !slices.Equal(refs, f.Refs) {
			f.Body += " again"
		}
		f.Refs = refs
		out.Files = append(out.Files, f)
	}
	return out
}

// reissuedRef is a reference in bytes that were under the URL was and are now under
// the URL now, to what it referred to under its new URL.
func (k *kinds) reissuedRef(was, now, ref string) string {
	target := absolute(was, ref)
	to := k.newID(target)
	if to == target {
		return written(now, site.Reference{Raw: ref, URL: to})
	}
	if p, query, ok := strings.Cut(to, "?"); ok {
		raw, _, _ := strings.Cut(ref, "?")
		if old, _, _ := strings.Cut(target, "?"); old == p {
			return written(now, site.Reference{Raw: raw + "?" + query, URL: to})
		}
	}
	return written(now, site.Reference{Raw: ref, URL: to})
}

// newID is a URL with another id of its release; a URL without one stays.
func (k *kinds) newID(url string) string {
	for id := "0"; ; id += "0" {
		to := url
		switch k.strategies[url] {
		case site.QueryRelease:
			to = strings.ReplaceAll(url, "&", id+"&") + id
		case site.Directory, site.DirectoryRewritten:
			before, after, ok := strings.Cut(k.names[url], "*")
			if ok && strings.HasPrefix(url, before) && strings.HasSuffix(url, after) && len(url) > len(before)+len(after) {
				to = strings.TrimSuffix(url, after) + id + after
			}
		}
		if to == url || k.names[to] == "" {
			return to
		}
	}
}
