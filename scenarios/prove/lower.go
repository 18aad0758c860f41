package prove

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// U is the URL by which build b refers to the named asset, where body is the
// identity of the asset's bytes in that build.
func (s Strategy) U(name string, b int, body string) string {
	id := strconv.Itoa(b)
	switch s.Version {
	case InQuery:
		return "/" + name + "?v=" + id
	case InQueryHash:
		return "/" + name + "?h=" + body
	case InRewrittenDir, InDir:
		return "/v" + id + "/" + name
	case InName:
		return "/" + name + "." + body
	}
	return "/" + name
}

// Nested is the reference to the named asset inside the bytes of another one.
// Inside a versioned directory it is relative, and so follows the URL.
func (s Strategy) Nested(name string, b int, body string) string {
	switch {
	case s.NestedBare:
		return "/" + name
	case s.Version == InRewrittenDir || s.Version == InDir:
		return name
	}
	return s.U(name, b, body)
}

var versionDir = regexp.MustCompile(`^/v([0-9]+)(/.*)$`)

// Lookup is where a server looks for a URL's file, and the version the URL asks
// for, "" if none. A query string never changes the path.
func (s Strategy) Lookup(urlPath, query string) (file, version string) {
	switch s.Version {
	case InRewrittenDir:
		if m := versionDir.FindStringSubmatch(urlPath); m != nil {
			return m[2], m[1]
		}
	case InQuery, InQueryHash, asBuilt:
		if q, err := url.ParseQuery(query); err == nil {
			for _, name := range [...]string{"v", "h"} {
				if q.Get(name) != "" {
					return urlPath, q.Get(name)
				}
			}
		}
	}
	return urlPath, ""
}

// strips reads what servers take away from the paths of a site.
func (s *Strategy) strips(site Site) (err error) {
	if site.Strip == "" {
		return nil
	}
	if s.strip, err = regexp.Compile(site.Strip); err != nil {
		return fmt.Errorf("site %s: strip: %w", site.Name, err)
	}
	s.base = "/" + strings.TrimPrefix(strings.TrimSuffix(site.Base, "/")+"/", "/")
	return nil
}

// stripped is a path without what servers take away from it.
func (s Strategy) stripped(p string) (string, bool) {
	rest, ok := strings.CutPrefix(p, s.base)
	if s.strip == nil || !ok {
		return "", false
	}
	at := s.strip.FindStringIndex(rest)
	if at == nil || at[0] != 0 || at[1] == 0 {
		return "", false
	}
	return s.base + rest[at[1]:], true
}

// asBuilt is the version of a site whose builds are given.
const asBuilt VersionIn = "as built"

// lowered names the assets of a site in two builds.
func (s Strategy) lowered(site Site) ([]Build, error) {
	n := namer{s, map[string]Asset{}, map[string]string{}}
	inAsset := map[string]bool{} // referred to from inside an asset
	for _, a := range site.Assets {
		n.assets[a.Name] = a
	}
	for _, a := range site.Assets {
		for _, r := range a.Refs {
			if _, ok := n.assets[r]; !ok {
				return nil, fmt.Errorf("site %s: asset %s refers to %s, which is not an asset", site.Name, a.Name, r)
			}
			inAsset[r] = inAsset[r] || !a.Page
		}
	}
	var builds []Build
	for b := 1; b <= 2; b++ {
		var build Build
		for _, a := range site.Assets {
			f, err := n.file(a, b)
			if err != nil {
				return nil, err
			}
			build.Files = append(build.Files, f)
			if bare := "/" + a.Name; s.NestedBare && inAsset[a.Name] && f.Path != bare {
				f.Path, f.URL = bare, bare
				build.Files = append(build.Files, f)
			}
		}
		builds = append(builds, build.withCopies(site.Copies))
	}
	return builds, nil
}

// withCopies is a build with compressed copies of its assets beside them.
func (b Build) withCopies(codings []string) Build {
	for _, f := range b.Files {
		for _, coding := range codings {
			if f.Page {
				continue
			}
			c := f
			c.Path, c.CopyOf, c.Coding = CopyPath(f.Path, coding), f.Path, coding
			b.Files = append(b.Files, c)
		}
	}
	return b
}

// CopyPath is where servers keep the compressed copy of a file: "/css.br", "/css.gz".
func CopyPath(path, coding string) string {
	if coding == "gzip" {
		coding = "gz"
	}
	return path + "." + coding
}

type namer struct {
	Strategy
	assets map[string]Asset
	bodies map[string]string // by name and build; "" while being worked out
}

// file is asset a in build b.
func (n *namer) file(a Asset, b int) (File, error) {
	body, err := n.body(a.Name, b)
	if err != nil {
		return File{}, err
	}
	f := File{Name: a.Name, Page: a.Page, Body: body, Path: "/" + a.Name, URL: "/" + a.Name}
	if a.Page {
		f.Path, f.URL = "/"+pagePath(a.Name), "/"+pagePath(a.Name)
	} else {
		f.URL = n.url(a.Name, b)
		f.Path, _ = n.Lookup(strings.Split(f.URL, "?")[0], "")
		if _, query, ok := strings.Cut(f.URL, "?"); ok {
			_, f.Version = n.Lookup(f.Path, query)
		} else if n.Version == InRewrittenDir {
			_, f.Version = n.Lookup(f.URL, "")
		}
	}
	for _, r := range a.Refs {
		f.Refs = append(f.Refs, n.ref(a, r, b))
	}
	return f, nil
}

// pagePath is the path of a page: the first is the root.
func pagePath(name string) string {
	if name == "html" {
		return ""
	}
	return name
}

func (n *namer) ref(from Asset, to string, b int) string {
	id, hash := n.id(to, b)
	if from.Page {
		return n.U(to, id, hash)
	}
	return n.Nested(to, id, hash)
}

func (n *namer) url(name string, b int) string {
	id, hash := n.id(name, b)
	return n.U(name, id, hash)
}

// id is the version that build b gives an asset: a number and a hash.
func (n *namer) id(name string, b int) (int, string) {
	if n.SameID {
		b = 1
	}
	body, _ := n.body(name, b)
	return b, body
}

// body is the identity of an asset's bytes: its own and the references in it.
func (n *namer) body(name string, b int) (string, error) {
	key := name + " " + strconv.Itoa(b)
	if body, ok := n.bodies[key]; ok {
		if body == "" {
			return "", fmt.Errorf("asset %s refers to itself by way of others", name)
		}
		return body, nil
	}
	n.bodies[key] = ""
	a, text := n.assets[name], "1"
	if !a.Fixed {
		text = strconv.Itoa(b)
	}
	for _, r := range a.Refs {
		if _, err := n.body(r, b); err != nil {
			return "", err
		}
		text += " " + n.ref(a, r, b)
	}
	sum := sha256.Sum256([]byte(name + "\n" + text))
	n.bodies[key] = hex.EncodeToString(sum[:4])
	return n.bodies[key], nil
}

// resolve is the request for a reference in bytes that were fetched by base, and
// whether it is to the same site at all.
func resolve(base, ref string) (urlPath, query string, ok bool) {
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return "", "", false
	}
	if u.Path == "" {
		return "", "", false // a fragment of the same bytes
	}
	if !strings.HasPrefix(u.Path, "/") {
		return path.Join(path.Dir(base), u.EscapedPath()), u.RawQuery, true
	}
	return path.Clean(u.EscapedPath()), u.RawQuery, true
}
