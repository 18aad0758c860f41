package site

import (
	"fmt"
	"net/url"
	"path"
	"sort"
	"strings"
)

// releaseDirectory is what the server removes in builds of [DirectoryRewritten].
var releaseDirectory = pattern(`^v[0-9][^/]*/`)

// Versioned returns the build b, which has no versions, as a tool for the strategy
// would publish it: files renamed or moved, references in pages rewritten, those in
// css and scripts too unless inner says otherwise. A file is given its hash after its
// own references have been rewritten. The release in queries and directories is
// b.Name, with a v before it in a directory; it must begin with a digit.
//
// Files that refer to each other in a circle cannot be given hashes and are an error.
func Versioned(b *Build, s Strategy, inner Inner) (*Build, error) {
	if strings.Contains(b.Name, "/") || !releaseDirectory().MatchString("v"+b.Name+"/") {
		return nil, fmt.Errorf("build %q: a release in a URL must begin with a digit and have no slash", b.Name)
	}
	v := versioner{build: b, strategy: s, inner: inner, done: map[string]*output{}, out: map[string][]byte{}, refs: map[string][]Reference{}}
	for _, r := range b.References() {
		if r.FromURL == b.byPath[r.From].URL {
			v.refs[r.From] = append(v.refs[r.From], r)
		}
	}
	for _, f := range b.Files {
		if _, err := v.publish(f, nil); err != nil {
			return nil, fmt.Errorf("build %s as %s: %w", b.Name, s, err)
		}
	}
	o := b.options
	if s == DirectoryRewritten {
		o.Strip = releaseDirectory()
	}
	return FromFiles(b.Name, v.out, o)
}

// FromFiles makes a build of files in memory, by path, whose URLs are as o says.
func FromFiles(name string, files map[string][]byte, o Options) (*Build, error) {
	var list []*File
	for p, body := range files {
		f := &File{Path: p, Hash: HashOf(body), SizeBytes: int64(len(body)), MediaType: MediaTypeOf(p, body)}
		f.Page = isPage(f.MediaType)
		if searched(f.MediaType) {
			f.text = append([]byte{}, body...)
		}
		list = append(list, f)
	}
	return assemble(name, o, list, func(p string) ([]byte, error) { return files[p], nil })
}

// output is a published file.
type output struct {
	path  string // below the build's folder
	url   string // escaped path by which it is asked for
	query string
}

// versioner publishes the files of one build, those first that others refer to.
type versioner struct {
	build    *Build
	strategy Strategy
	inner    Inner
	done     map[string]*output // by path in build
	out      map[string][]byte
	refs     map[string][]Reference // by path in build, resolved as the file's own URL
}

// publish writes f and all it refers to, once. open are the files being published.
func (v *versioner) publish(f *File, open []string) (*output, error) {
	if o := v.done[f.Path]; o != nil {
		return o, nil
	}
	for i, p := range open {
		if p == f.Path {
			return nil, fmt.Errorf("files refer to each other in a circle, which no hash can name: %s", strings.Join(append(open[i:], p), " -> "))
		}
	}
	open = append(open, f.Path)
	body, err := v.build.Bytes(f)
	if err != nil {
		return nil, err
	}
	if v.strategy == HashedName || v.strategy == QueryHash {
		if body, err = v.rewrite(f, body, v.place(f, body), open); err != nil {
			return nil, err
		}
		o := v.place(f, body)
		v.done[f.Path] = &o
	} else { // the place does not depend on the bytes, so circles are no trouble
		o := v.place(f, body)
		v.done[f.Path] = &o
		if body, err = v.rewrite(f, body, o, open); err != nil {
			return nil, err
		}
	}
	o := v.done[f.Path]
	v.out[o.path] = body
	if v.strategy == HashedName && v.inner == InnerBare { // bare references still need the old name
		v.out[f.Path] = body
	}
	return o, nil
}

// place says where f is published when it has these bytes.
func (v *versioner) place(f *File, body []byte) output {
	o := output{path: f.Path}
	if !f.Page {
		switch v.strategy {
		case QueryRelease:
			o.query = "v=" + url.QueryEscape(v.build.Name)
		case QueryHash:
			o.query = "id=" + HashOf(body).Short()
		case HashedName:
			ext := path.Ext(f.Path)
			o.path = strings.TrimSuffix(f.Path, ext) + "." + HashOf(body).Short() + ext
		case Directory:
			o.path = "v" + v.build.Name + "/" + f.Path
		}
	}
	o.url = v.build.urlOf(o.path)
	if v.strategy == DirectoryRewritten && !f.Page {
		o.url = v.build.urlOf("v" + v.build.Name + "/" + o.path)
	}
	return o
}

// rewrite exchanges the references in f, which will be asked for by at.url.
func (v *versioner) rewrite(f *File, body []byte, at output, open []string) ([]byte, error) {
	refs := v.refs[f.Path]
	sort.SliceStable(refs, func(i, j int) bool { return refs[i].at.start < refs[j].at.start })
	var out []byte
	last := 0
	for _, r := range refs {
		target, ok := v.build.byPath[r.Target]
		if !ok || target.Page || r.at.start < last || r.at.guess {
			continue
		}
		if v.strategy == Plain || !f.Page && v.inner == InnerBare || r.at.module && !isPathLike(r.Raw) {
			continue // left as written; a module name is rewritten in its import map
		}
		to, err := v.publish(target, open)
		if err != nil {
			return nil, err
		}
		text := spell(r, at.url, *to)
		if r.at.attribute {
			text = strings.ReplaceAll(text, "&", "&amp;")
		}
		out = append(append(out, body[last:r.at.start]...), text...)
		last = r.at.end
	}
	return append(out, body[last:]...), nil
}

// spell writes the new reference in the way of the old: relative stays relative, and
// what stood in query and fragment stays.
func spell(r Reference, from string, to output) string {
	whole, fragment, hasFragment := strings.Cut(r.Raw, "#")
	p, query, _ := strings.Cut(whole, "?")
	text := to.url
	if !strings.HasPrefix(p, "/") && !strings.Contains(p, "://") && !r.at.document {
		text = relative(from, to.url)
		if (strings.HasPrefix(p, "./") || r.at.module || r.Via == "import map") && !strings.HasPrefix(text, ".") {
			text = "./" + text
		}
	}
	if to.query != "" {
		query = strings.TrimPrefix(query+"&"+to.query, "&")
	}
	if query != "" {
		text += "?" + query
	}
	if hasFragment {
		text += "#" + fragment
	}
	return strings.NewReplacer(`"`, "%22", "'", "%27", "(", "%28", ")", "%29", " ", "%20", `\`, "%5C", "<", "%3C").Replace(text)
}

// relative returns the reference that leads from one absolute path to another.
func relative(from, to string) string {
	a, b := strings.Split(from, "/"), strings.Split(to, "/")
	i := 0
	for i < len(a)-1 && i < len(b)-1 && a[i] == b[i] {
		i++
	}
	text := strings.Repeat("../", len(a)-1-i) + strings.Join(b[i:], "/")
	if text == "" {
		return "./"
	}
	return text
}
