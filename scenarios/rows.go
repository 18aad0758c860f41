package scenarios

import (
	"cmp"
	"fmt"
	"mime"
	"net/url"
	"path"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// Row is a part of a deploy of one's own site that stands for all assets of one
// kind: of one class, versioned in one way, named by pages or by other assets. Files
// and URLs in it are those of the builds.
type Row struct {
	Class    string // page, style sheet, script, lazy chunk, image, font, other
	Strategy string // as the prover calls it, "name.hash"
	Nested   bool   // named by an asset, not by a page
	Broken   bool   // a compressed copy of it is of other bytes than the file
	Changes  string // "changed", "unchanged", "added", "removed"; in a chain "gone and back", too
	Assets   int    // how many it stands for
	URL      string // of the asset that is followed, in the later build where it is there
	Site     prove.Site
	again    []prove.Build // of a chain: each build of Site under new ids
	moves    bool          // the asset that is followed has other files in other builds
}

// Name is the row in a table: "style sheet: name.hash".
func (r *Row) Name() string {
	class := r.Class
	if r.Nested && class != "lazy chunk" { // those are named by scripts anyway
		class += " in an asset"
	}
	if r.Changes != "changed" {
		class += ", " + r.Changes
	}
	if r.Broken {
		class += ", broken copy"
	}
	if r.Strategy == "" {
		return class
	}
	return class + ": " + r.Strategy
}

// classes are the asset classes in the order of rows.
var classes = []string{"page", "style sheet", "script", "lazy chunk", "image", "font", "other"}

// Control says which Cache-Control servers send with a file of a build, 0 the
// earlier, 1 the later, under a URL; "" when nothing is known.
type Control func(build int, f *site.File, url string) string

// Rows divides what pages of two builds lead to into kinds that a deploy treats
// alike, and picks one of each: keys of a cache do not influence each other, so that
// more of a kind would take longer and show nothing else. A way from a page to an
// asset over more than one other asset is cut short: the page then names the last of
// them itself. What did not change has a row only where its class has no other; what is
// only in one build, where no asset of its class has another file in another build, which
// shows all that a file that comes or goes can. Control may be nil.
func Rows(before, after *site.Build, control Control) ([]Row, error) {
	return newKinds(control, before, after).compared()
}

// compared are the rows of two builds.
func (k *kinds) compared() ([]Row, error) {
	var lines []line
	for _, c := range site.Compare(k.builds[0], k.builds[1]).Assets {
		lines = append(lines, line{urls: []string{c.Before, c.After}, changes: changes[c.Change], rebound: c.Change == site.Rebound, sameBytes: c.Change == site.Recopied})
	}
	return k.rows(lines)
}

// rows are the kinds of lines, and the one of pages, in order.
func (k *kinds) rows(lines []line) ([]Row, error) {
	byKey, sameBytes := map[string]*Row{}, map[string]bool{}
	var rows []*Row
	for _, l := range lines {
		r, err := k.row(l)
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		name, same := r.Name(), l.sameBytes
		if have := byKey[name]; have != nil {
			r.Assets += have.Assets
			if sameBytes[name] && !same { // with the same bytes in all builds nothing can be seen to go wrong
				*have, sameBytes[name] = *r, false
			}
			have.Assets = r.Assets
			continue
		}
		byKey[name], sameBytes[name] = r, same
		rows = append(rows, r)
	}
	if !slices.ContainsFunc(rows, func(r *Row) bool { return r.Changes != "removed" }) {
		return nil, fmt.Errorf("build %s: no page names an asset, so that there is nothing that could be stale", k.builds[len(k.builds)-1].Name)
	}
	changed, moves := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		changed[r.Class] = changed[r.Class] || r.Changes == "changed"
		moves[r.Class] = moves[r.Class] || r.Changes == "changed" && r.moves
	}
	out := []Row{k.page(rows)}
	for _, r := range rows {
		redundant := moves[r.Class]
		switch r.Changes {
		case "changed", goneAndBack:
			redundant = false
		case "unchanged":
			redundant = changed[r.Class]
		}
		if !redundant || r.Broken {
			out = append(out, *r)
		}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		return cmp.Compare(slices.Index(classes, a.Class), slices.Index(classes, b.Class))
	})
	return out, nil
}

// line is one asset through all builds.
type line struct {
	urls    []string // by build; "": it is not there
	changes string   // as in Row
	rebound bool     // one URL stands for two files

	sameBytes bool // its URLs stand for one file
}

// kinds is what is known while rows are made.
type kinds struct {
	builds     []*site.Build
	ways       []*ways
	control    Control
	assets     []site.Asset
	names      map[string]string            // by URL: without a version
	strategies map[string]site.Strategy     // by URL
	chain      bool                         // builds are also needed under new ids
	copies     []map[*site.File][]site.Copy // by build; nil: they are not looked at
}

func newKinds(control Control, builds ...*site.Build) *kinds {
	k := &kinds{builds: builds, control: control, assets: site.Recognise(builds...), names: map[string]string{}, strategies: map[string]site.Strategy{}}
	for _, a := range k.assets {
		for _, u := range a.URLs {
			k.names[u.URL], k.strategies[u.URL] = a.Name, a.Strategy
		}
	}
	for _, b := range builds {
		k.ways = append(k.ways, newWays(b))
	}
	return k
}

// page is the row of pages alone.
func (k *kinds) page(rows []*Row) Row {
	last := len(k.builds) - 1
	r := Row{Class: "page", Changes: "changed", Assets: len(k.builds[last].Pages())}
	alone := func(b prove.Build) (out prove.Build) {
		for _, f := range b.Files {
			if f.Page {
				f.Refs = nil
				out.Files = append(out.Files, f)
			}
		}
		return out
	}
	for _, b := range rows[0].Site.Builds {
		r.Site.Builds = append(r.Site.Builds, alone(b))
	}
	for _, b := range rows[0].again {
		r.again = append(r.again, alone(b))
	}
	r.URL = r.Site.Builds[last].Files[0].Path
	r.Site.Name, r.Site.Base, r.Site.Strip = rows[0].Site.Name, rows[0].Site.Base, rows[0].Site.Strip
	return r
}

// row is the row that an asset belongs to, with it as the one that is followed; nil
// if no page of the builds leads to it.
func (k *kinds) row(l line) (*Row, error) {
	steps := make([][]step, len(l.urls))
	root, newest := "", -1
	for i, u := range slices.Backward(l.urls) { // the last build that has it chooses the page
		if u == "" {
			continue
		}
		if steps[i] = k.ways[i].to(u, root); steps[i] == nil {
			return nil, nil
		}
		root, newest = steps[i][0].url, max(newest, i)
	}
	way, last := steps[newest], len(k.builds)-1
	target := way[len(way)-1]
	r := &Row{
		Class: class(target), Nested: len(way) > 2, Changes: l.changes, Assets: 1, URL: l.urls[newest],
		Strategy: k.strategy(l, way),
		Site:     prove.Site{Name: k.builds[0].Name + " to " + k.builds[last].Name},
	}
	r.Site.Base, r.Site.Strip = k.builds[last].Stripping()
	for i, b := range k.builds {
		if n := len(steps[i]); n > 0 {
			file := steps[i][n-1].file
			r.Broken = r.Broken || k.brokenCopy(i, file)
			r.moves = r.moves || file.Path != target.file.Path
		}
		build, err := k.files(i, b, steps[i], root)
		if err != nil {
			return nil, err
		}
		r.Site.Builds = append(r.Site.Builds, build)
		if k.chain {
			r.again = append(r.again, k.reissued(build))
		}
	}
	return r, nil
}

// changes are changes as rows tell them apart.
var changes = map[site.Change]string{
	site.Same: "unchanged", site.Rebound: "changed", site.Changed: "changed", site.Cascaded: "changed", site.Recopied: "changed",
	site.Added: "added", site.Removed: "removed",
}

// strategy is how an asset is versioned, in the prover's words.
func (k *kinds) strategy(l line, way []step) string {
	s := k.strategies[way[len(way)-1].url]
	name := map[site.Strategy]string{
		site.Plain: "plain", site.QueryRelease: "?v everywhere", site.QueryHash: "?hash everywhere",
		site.DirectoryRewritten: "/v/ rewritten", site.Directory: "/v/ real", site.HashedName: "name.hash",
	}[s]
	switch {
	case s == site.Plain && len(way) > 2 && k.strategies[way[len(way)-2].url] != site.Plain:
		return "bare, in a versioned one"
	case s != site.Plain && l.rebound:
		return name + ", one URL for two files"
	}
	return name
}

// files is the part of a build that a way goes over, and the page where the other
// build's way begins.
func (k *kinds) files(i int, b *site.Build, way []step, root string) (prove.Build, error) {
	var out prove.Build
	used := map[string]bool{}
	cut := way
	if len(way) > 3 {
		cut = []step{way[0], way[len(way)-2], way[len(way)-1]}
	}
	for n, s := range cut {
		f := k.file(i, s)
		if n+1 < len(cut) {
			next := cut[n+1]
			f.Refs = []string{next.url}
			if n > 0 || len(cut) == len(way) {
				f.Refs = []string{written(s.url, next.ref)}
			}
		}
		if used[f.Name] {
			f.Name = fmt.Sprintf("%d-%s", n, f.Name)
		}
		used[f.Name] = true
		out.Files = append(append(out.Files, f), k.copiesOf(i, s, f)...)
	}
	if root != "" && (len(way) == 0 || way[0].url != root) {
		if f, ok := b.Locate(root); ok && f.Page {
			s := step{url: root, file: f}
			page := k.file(i, s)
			out.Files = append(append(out.Files, page), k.copiesOf(i, s, page)...)
		}
	}
	if !slices.ContainsFunc(out.Files, func(f prove.File) bool { return f.Page }) {
		p := b.Pages()
		if len(p) == 0 {
			return out, fmt.Errorf("build %s has no page", b.Name)
		}
		s := step{url: p[0].URL, file: p[0]}
		page := k.file(i, s)
		out.Files = append(append(out.Files, page), k.copiesOf(i, s, page)...)
	}
	return out, nil
}

// file is one step of a way. A page stands for the release it is of, even if its
// bytes did not change: its visitors may still be shown files of another.
func (k *kinds) file(i int, s step) prove.File {
	p, _, _ := strings.Cut(s.url, "?")
	if _, strip := k.builds[i].Stripping(); strip != "" { // servers keep it under a shorter path than it is asked for by
		p, _, _ = strings.Cut(s.file.URL, "?")
	}
	f := prove.File{Name: flat(cmp.Or(k.names[s.url], s.file.Path)), Path: p, URL: s.url, Body: s.file.Hash.Short(), Page: s.file.Page}
	if _, query, ok := strings.Cut(s.url, "?"); ok {
		if q, err := url.ParseQuery(query); err == nil {
			f.Version = cmp.Or(q.Get("v"), q.Get("h")) // the parameters that a verifying server of the prover's reads
		}
	}
	if f.Page {
		f.Name = path.Base(s.file.Path)
		f.Body += fmt.Sprintf(" of build %d", i+1)
	}
	if k.control != nil {
		f.Control = k.control(i, s.file, s.url)
	}
	return f
}

// written is a reference as it stands in the bytes, where whoever follows it as a
// path comes to the same URL; else the URL.
func written(from string, r site.Reference) string {
	if absolute(from, r.Raw) != r.URL {
		return r.URL
	}
	return r.Raw
}

// absolute is the URL on the same site that a reference in bytes under from leads to;
// "" if it is to another site, or to no file.
func absolute(from, ref string) string {
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" {
		return ""
	}
	base, _, _ := strings.Cut(from, "?")
	to := path.Clean(u.EscapedPath())
	if !strings.HasPrefix(u.Path, "/") {
		to = path.Join(path.Dir(base), u.EscapedPath())
	}
	if u.RawQuery != "" {
		to += "?" + u.RawQuery
	}
	return to
}

// class is the class of the asset at the end of a way.
func class(s step) string {
	t, _, err := mime.ParseMediaType(s.file.MediaType)
	if err != nil {
		t = s.file.MediaType
	}
	switch {
	case t == "text/css":
		return "style sheet"
	case t == "text/javascript" && s.ref.Kind == site.Lazy:
		return "lazy chunk"
	case t == "text/javascript":
		return "script"
	case strings.HasPrefix(t, "image/"):
		return "image"
	case strings.HasPrefix(t, "font/"), strings.HasPrefix(t, "application/font"), strings.HasPrefix(t, "application/vnd.ms-fontobject"):
		return "font"
	}
	return "other"
}
