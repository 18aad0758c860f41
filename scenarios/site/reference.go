package site

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Kind says when a browser asks for what a reference names.
type Kind string

const (
	Eager  Kind = "eager"  // named by the page itself
	Nested Kind = "nested" // named by a css, script or image that the page named
	Lazy   Kind = "lazy"   // only when something happens: a dynamic import, a worker, an image scrolled to
)

// Class says how a reference stands to the build it is in.
type Class string

const (
	// VersionedSame names a file of this build by a URL that carries its version.
	VersionedSame Class = "versioned"
	// VersionedOther names an asset by another version than the rest of the build does.
	VersionedOther Class = "versioned, another release"
	// Bare names a file of this build by a URL that every release shares.
	Bare Class = "bare"
	// Escaping is a bare reference inside a file that lies in a versioned directory:
	// it leaves the directory that should have kept it safe.
	Escaping Class = "escapes the versioned directory"
	// Foreign names something on another host.
	Foreign Class = "foreign"
	// Absent names a URL of this site for which the build has no file.
	Absent Class = "absent"
	// Unreadable is no URL, or a module name that no import map explains.
	Unreadable Class = "unreadable"
)

// ViaSourceMap is the [Reference.Via] of source maps, which only developer tools ask
// for. They make nothing reachable.
const ViaSourceMap = "sourceMappingURL"

// ViaString is the [Reference.Via] of strings in scripts that are the path of a file of
// the build, as in the tables by which bundlers load what a chunk needs.
const ViaString = "string"

// Reference is one place in a file that names another.
type Reference struct {
	From      string // path of the file it stands in
	FromURL   string // URL under which that file was asked for
	Line      int    // 1-based
	Raw       string // as written, entities and escapes undone
	URL       string // resolved, without fragment: of this site from its path on, else whole
	Kind      Kind
	Via       string // how it is written: "link stylesheet", "url()", "import()"
	Class     Class
	Target    string // path of the file it names; "": not of this build
	Reachable bool   // a browser that opens a page of the build can come to it

	at found
}

// found is a reference as it stands in the text of one file, before it is resolved.
type found struct {
	start, end int // span of the URL in the text, without quotes
	line       int
	raw        string
	kind       Kind
	via        string
	attribute  bool // inside an HTML attribute: & is written &amp;
	document   bool // resolved against the page, whatever file it stands in
	module     bool // a module specifier: bare names need an import map
	guess      bool // a string that counts only if it names a file of the build

	url string // with ViaPart: of the file whose name it is a part of
}

// scan finds what each file of the build refers to, several files at once.
func (b *Build) scan() {
	scanned := make([]*scanner, len(b.Files))
	var next atomic.Int64
	var all sync.WaitGroup
	var mu sync.Mutex // guards done
	done := 0
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(b.Files); i = int(next.Add(1)) - 1 {
				if b.Files[i].text != nil {
					scanned[i] = scan(b.Files[i])
				}
				mu.Lock()
				done++
				b.options.progress(Searching, done, len(b.Files))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	b.found, b.maps, b.bases = map[string][]found{}, map[string]importMap{}, map[string]string{}
	for i, s := range scanned {
		if s == nil {
			continue
		}
		f := b.Files[i]
		b.found[f.Path] = s.found
		if f.Page {
			b.maps[f.Path], b.bases[f.Path] = s.imports, s.base
		}
		for _, n := range s.notes {
			n.Path = f.Path
			b.Notes = append(b.Notes, n)
		}
	}
	b.complete()
}

// scan finds what one file refers to.
func scan(f *File) *scanner {
	s := &scanner{src: f.text}
	switch f.MediaType {
	case "text/html", "application/xhtml+xml":
		s.html()
	case "image/svg+xml":
		s.html()
		s.demote()
	case "text/css":
		s.css(0, f.text, Nested)
	case "text/javascript":
		s.script(0, f.text, Nested)
		s.markTurbopack(f.text)
	case "application/manifest+json":
		s.manifest()
	}
	s.number()
	return s
}
