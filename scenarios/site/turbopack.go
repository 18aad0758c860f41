package site

import (
	"bytes"
	"net/url"
	"strings"
)

// ViaTurbopack is the [Reference.Via] of strings by which scripts made by Turbopack, as
// those of Next.js are, name others: "static/chunks/1puq0emlsbkpw.js" is looked for below
// a folder that the script itself is in (/_next/), with the query of the script
// (?dpl=release-1).
const ViaTurbopack = "Turbopack chunk"

// turbopackGlobal is named by each script that Turbopack makes, and by the build
// manifest of Next.js.
var turbopackGlobal = []byte("TURBOPACK")

// markTurbopack tells the strings of a script made by Turbopack from others.
func (s *scanner) markTurbopack(text []byte) {
	if !bytes.Contains(text, turbopackGlobal) {
		return
	}
	for i := range s.found {
		if f := &s.found[i]; f.via == ViaString && isRelativePath(f.raw) {
			f.via = ViaTurbopack
		}
	}
}

func isRelativePath(s string) bool {
	return strings.Contains(s, "/") && !isPathLike(s)
}

// chunk is the URL of what a script made by Turbopack names, without the site's host;
// "": it names no file of the build.
func (b *Build) chunk(script, name string) string {
	u, err := url.Parse(script)
	if err != nil {
		return ""
	}
	suffix := ""
	if u.RawQuery != "" && !strings.Contains(name, "?") {
		suffix = "?" + u.RawQuery
	}
	folder := u.EscapedPath()
	for {
		i := strings.LastIndex(folder, "/")
		if i < 0 {
			return ""
		}
		folder = folder[:i]
		if at := folder + "/" + name + suffix; b.names(at) {
			return at
		}
	}
}

func (b *Build) names(url string) bool {
	_, ok := b.Locate(url)
	return ok
}
