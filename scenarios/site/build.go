package site

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"sort"
	"strings"
	"sync"
)

// Hash is the SHA-256 of a file's bytes.
type Hash [sha256.Size]byte

// HashOf returns the hash of b.
func HashOf(b []byte) Hash { return sha256.Sum256(b) }

// String returns the hash as 64 hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first twelve hex digits, enough to tell files apart by eye.
func (h Hash) Short() string { return h.String()[:12] }

// MarshalText writes the 64 hex digits, so that a hash reads well in JSON.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// File is one file of a build.
type File struct {
	Path      string // below the build's folder, with slashes
	URL       string // its own URL: Base and path, escaped; an index.html has its folder's
	Hash      Hash   // of its bytes
	SizeBytes int64  // 0 to MaxFileBytes
	MediaType string // from the extension, lower case, without parameters
	Page      bool   // a document a visitor can open

	text []byte // of pages, css, scripts and whatever else is searched for references
}

// Note is something about a build that a person should know and that stops nothing.
type Note struct {
	Path string
	Line int // 1-based; 0: the whole file
	Text string
}

// String returns the note in one line.
func (n Note) String() string {
	if n.Line == 0 {
		return n.Path + ": " + n.Text
	}
	return fmt.Sprintf("%s:%d: %s", n.Path, n.Line, n.Text)
}

// Options says how the files of a build become URLs. The zero value is a folder
// served at the root of its host, as it is.
type Options struct {
	// Base is the URL path under which the folder is served. Default "/".
	Base string

	// Hosts are host names, with port if any, that are this same site: references to
	// https://host/path then count as /path. Default none: every host is foreign.
	Hosts []string

	// Strip is what the origin removes from the path below Base before it looks for a
	// file, as Magento's server does with version numbers. A file that exists under
	// the whole path comes first. Default nil: nothing is removed.
	Strip *regexp.Regexp

	// Progress, unless it is nil, is told how many of the build's files have been read,
	// and then how many searched for references, by one goroutine at a time.
	Progress func(what string, done, of int)
}

// What [Options].Progress is told of.
const (
	Reading   = "reading"
	Searching = "searching"
)

func (o *Options) progress(what string, done, of int) {
	if o.Progress != nil {
		o.Progress(what, done, of)
	}
}

// Build is one release of a site as it is published: files and what they refer to.
// It never changes once it is read and may be shared between goroutines.
type Build struct {
	Name  string  // the release, as the user calls it: "2", "dist-new"
	Files []*File // in order of Path
	Notes []Note  // what could not be understood, in order of Path

	options Options
	byPath  map[string]*File
	content func(path string) ([]byte, error)
	found   map[string][]found // by path: what each file refers to, as written
	maps    map[string]importMap
	bases   map[string]string  // by path of a page: its <base href>
	hashed  map[string][]*File // by folder: up to two files with a hash in their name

	once sync.Once // guards refs
	refs []Reference
}

// Pages returns the documents of the build, in order of Path.
func (b *Build) Pages() []*File {
	var pages []*File
	for _, f := range b.Files {
		if f.Page {
			pages = append(pages, f)
		}
	}
	return pages
}

// File returns the file at path, which is below the build's folder.
func (b *Build) File(path string) (*File, bool) {
	f, ok := b.byPath[path]
	return f, ok
}

// Bytes returns the bytes of f. An error means that they can no longer be read, or
// are no longer those that were read first.
func (b *Build) Bytes(f *File) ([]byte, error) {
	if f.text != nil {
		return append([]byte(nil), f.text...), nil
	}
	body, err := b.content(f.Path)
	if err != nil {
		return nil, fmt.Errorf("build %s: read %s: %w", b.Name, f.Path, err)
	}
	if HashOf(body) != f.Hash {
		return nil, fmt.Errorf("build %s: %s has changed since it was read: read the build again", b.Name, f.Path)
	}
	return body, nil
}

// Locate returns the file with which a plain file server that holds only this build
// answers a URL of the site: it ignores the query, serves index.html for a folder,
// and removes what [Options].Strip says.
func (b *Build) Locate(rawURL string) (*File, bool) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host != "" && !b.own(u.Host) {
		return nil, false
	}
	p, ok := strings.CutPrefix(cmp.Or(u.Path, "/"), b.base())
	if !ok {
		return nil, false
	}
	if f, ok := b.fileOrIndex(p); ok {
		return f, true
	}
	if s := b.options.Strip; s != nil {
		if at := s.FindStringIndex(p); at != nil && at[0] == 0 && at[1] > 0 {
			return b.fileOrIndex(p[at[1]:])
		}
	}
	return nil, false
}

// Stripping is [Options].Base and, as text, what [Options].Strip removes below it; ""
// when it removes nothing.
func (b *Build) Stripping() (base, strip string) {
	if b.options.Strip != nil {
		strip = b.options.Strip.String()
	}
	return b.base(), strip
}

func (b *Build) fileOrIndex(p string) (*File, bool) {
	if p == "" || strings.HasSuffix(p, "/") {
		p += "index.html"
	}
	f, ok := b.byPath[p]
	return f, ok
}

func (b *Build) base() string {
	if b.options.Base == "" {
		return "/"
	}
	return b.options.Base
}

func (b *Build) own(host string) bool {
	for _, h := range b.options.Hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}

// urlOf returns the URL of a path below the build's folder.
func (b *Build) urlOf(p string) string {
	if path.Base(p) == "index.html" {
		p = strings.TrimSuffix(p, "index.html")
	}
	return (&url.URL{Path: b.base() + p}).EscapedPath()
}

// checkBase returns the base as a path that begins and ends with a slash.
func checkBase(base string) (string, error) {
	if base == "" {
		return "/", nil
	}
	if !strings.HasPrefix(base, "/") || strings.ContainsAny(base, "?#") {
		return "", fmt.Errorf("base %q: want a path like /app/, without host, query or fragment", base)
	}
	return strings.TrimSuffix(base, "/") + "/", nil
}

// assemble makes a build of files whose hash, size and text are known, and finds
// what they refer to.
func assemble(name string, o Options, files []*File, content func(string) ([]byte, error)) (*Build, error) {
	base, err := checkBase(o.Base)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", name, err)
	}
	o.Base = base
	b := &Build{Name: name, Files: files, options: o, content: content, byPath: map[string]*File{}}
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	for _, f := range files {
		f.URL = b.urlOf(f.Path)
		b.byPath[f.Path] = f
	}
	if len(b.Pages()) == 0 {
		return nil, fmt.Errorf("build %s: no HTML in it, of %d files none is a page; point at the folder that is published, the one with index.html", name, len(files))
	}
	b.scan()
	b.options.Progress = nil // it is told no more
	b.index()
	return b, nil
}
