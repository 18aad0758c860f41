package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"staleproof/proxy/headers"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// What is taken for granted of files that nothing is known of.
const (
	assumedPage  = "no-store"
	assumedAsset = "max-age=31536000"
)

// controls says which Cache-Control is sent with each file: as a running origin sends
// it; else as a --header flag says; else as the build's _headers file does; else what
// is taken for granted. A flag is there to try something out and so counts before an
// origin.
type controls struct {
	flags headers.Rules
	files []headers.Rules // by build
	found []bool          // by build: there is a _headers file
	live  []*liveOrigin   // by build; nil: none

	unused []string // names of headers in flags that say nothing about caching
}

// readControls reads the flags and the _headers files of builds in folders.
func readControls(flags, dirs []string) (*controls, error) {
	c := &controls{live: make([]*liveOrigin, len(dirs))}
	for _, f := range flags {
		r, err := headers.ParseRule(f)
		if err != nil {
			return nil, usage{fmt.Errorf("--header %w", err), "--header '*.html: Cache-Control: no-cache'"}
		}
		if name := r.Set[0].Name; name != "Cache-Control" {
			c.unused = append(c.unused, name)
		}
		c.flags = append(c.flags, r)
	}
	for _, dir := range dirs {
		rules, found, err := readHeadersFile(filepath.Join(dir, headers.FileName))
		if err != nil {
			return nil, err
		}
		c.files, c.found = append(c.files, rules), append(c.found, found)
	}
	return c, nil
}

func readHeadersFile(name string) (headers.Rules, bool, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, usage{fmt.Errorf("read the headers of a build: %w", err), "make it readable, or take it away"}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, headers.MaxBytes+1))
	if err != nil {
		return nil, false, usage{fmt.Errorf("read the headers of a build: %w", err), "make it a file"}
	}
	rules, err := headers.Parse(name, text)
	if err != nil {
		return nil, false, usage{err, ""} // it says what to do
	}
	return rules, true, nil
}

// of is the Cache-Control of a file, [prove.NoControl] for none, and who says so.
func (c *controls) of(build int, f *site.File, url string) (control, by string) {
	path, _, _ := strings.Cut(url, "?")
	if v, ok := c.flags.Last("Cache-Control", path, "/"+f.Path); ok {
		return orNone(v), "--header"
	}
	if l := c.live[build]; l != nil {
		if v, ok := l.controls[url]; ok {
			return orNone(v), l.base
		}
	}
	if c.found[build] {
		if v, ok := c.files[build].Get("Cache-Control", path, "/"+f.Path); ok {
			return orNone(v), headers.FileName
		}
		return headers.Unmatched, headers.FileName + ", by no rule"
	}
	if f.Page {
		return assumedPage, ""
	}
	return assumedAsset, ""
}

func orNone(v string) string {
	if v == "" {
		return prove.NoControl
	}
	return v
}

// told says in a few words which Cache-Control files have, and who says so.
func (c *controls) told(build int, b *site.Build) string {
	kinds := map[string][2]int{} // pages and assets
	for url, f := range reachable(b) {
		v, by := c.of(build, f, url)
		switch {
		case v == prove.NoControl:
			v = "none"
		case by == "":
			by = "taken for granted"
		}
		n := kinds[v+" ("+by+")"]
		if f.Page {
			n[0]++
		} else {
			n[1]++
		}
		kinds[v+" ("+by+")"] = n
	}
	var parts []string
	for k, n := range kinds {
		switch {
		case n[0] > 0 && n[1] > 0:
			parts = append(parts, fmt.Sprintf("%s and %s %s", plural(n[0], "page"), plural(n[1], "asset"), k))
		case n[0] > 0:
			parts = append(parts, plural(n[0], "page")+" "+k)
		default:
			parts = append(parts, plural(n[1], "asset")+" "+k)
		}
	}
	sort.Strings(parts)
	const most = 6
	if len(parts) > most {
		parts = append(parts[:most], fmt.Sprintf("%d more kinds", len(parts)-most))
	}
	return strings.Join(parts, "; ")
}

// plural is a number of things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// reachable is every page of a build and everything they lead to, by URL.
func reachable(b *site.Build) map[string]*site.File {
	out := map[string]*site.File{}
	for _, p := range b.Pages() {
		out[p.URL] = p
	}
	for _, r := range b.References() {
		if f, ok := b.File(r.Target); ok && r.Reachable && r.Via != site.ViaSourceMap {
			out[r.URL] = f
		}
	}
	return out
}
