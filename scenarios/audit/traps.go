package audit

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"staleproof/scenarios/site"
)

// keys finds assets whose version is in the query string alone: what a server that
// has another build, and every cache that leaves the query out of its key, answers.
func (a *auditor) keys() []Finding {
	var out []Finding
	for _, c := range a.rebound() {
		bare, _, query := strings.Cut(c.URL, "?")
		if !query {
			continue
		}
		out = append(out, Finding{
			Class: KeyTrap, Build: c.First.Build, URL: c.URL, Where: c.First.From,
			What: fmt.Sprintf("a CDN that leaves the query string out of its key has one entry for %s, and serves the file of %s (%s) under the page of %s (%s), or the reverse",
				bare, c.Second.Build, c.Second.Hash.Short(), c.First.Build, c.First.Hash.Short()),
			Repair: "put the version into the path; until then put the query string into the key, and make the server answer 404 with no-store to a version that it does not have",
		})
	}
	return out
}

// validators finds files whose bytes differ and whose size and time do not: servers
// that make validators from these (nginx, Apache) answer 304 to who has the old one.
// Times are compared by the second, as nginx does.
func (a *auditor) validators() []Finding {
	var out []Finding
	for i := 1; i < len(a.builds) && len(a.times) == len(a.builds); i++ {
		before, after := a.builds[i-1], a.builds[i]
		for _, f := range after.Files {
			old, ok := before.File(f.Path)
			was, known := a.times[i-1][f.Path]
			is, knownToo := a.times[i][f.Path]
			if !ok || !known || !knownToo || old.Hash == f.Hash || old.SizeBytes != f.SizeBytes || was.Unix() != is.Unix() {
				continue
			}
			out = append(out, Finding{
				Class: ValidatorTrap, Build: after.Name, URL: f.URL, Where: f.Path,
				What: fmt.Sprintf("other bytes than in %s, but the same size (%d bytes) and time (%s): a validator made from these answers 304, and the old file stays",
					before.Name, f.SizeBytes, is.UTC().Format(time.RFC3339)),
				Repair: "let the deploy set real times, or make validators from a hash of the bytes",
			})
		}
	}
	return out
}

// fallbacks finds HTML under the name of an asset, which is what a fallback page
// leaves behind in a mirror of a site, and references that a fallback page would
// answer.
func (a *auditor) fallbacks() []Finding {
	var out []Finding
	told := map[string]bool{}
	for _, b := range a.builds {
		for _, f := range b.Files {
			if assetName(f.Path) && a.holdsPage(b, f) && !told[f.URL] {
				told[f.URL] = true
				out = append(out, Finding{
					Class: FallbackTrap, Build: b.Name, URL: f.URL, Where: f.Path,
					What:   "holds an HTML page, under the name of an asset",
					Repair: "answer a missing asset with 404 and no-store, and fetch the file again",
				})
			}
		}
		for _, r := range b.References() {
			if r.Class != site.Absent || !r.Reachable || r.Via == site.ViaSourceMap || told[r.URL] {
				continue
			}
			told[r.URL] = true
			out = append(out, Finding{
				Class: FallbackTrap, Note: !assetName(strings.SplitN(r.URL, "?", 2)[0]), Build: b.Name, URL: r.URL,
				Where:  fmt.Sprintf("%s:%d", r.From, r.Line),
				What:   fmt.Sprintf("%s: no file of the build answers it; a server with a fallback page answers with HTML and status 200, and caches keep that", r.Via),
				Repair: "publish the file, or take the reference away",
			})
		}
	}
	return out
}

// assetName reports whether a path has the extension of something that is never a
// page.
func assetName(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".js", ".mjs", ".cjs", ".css", ".map", ".json", ".wasm", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".svg",
		".woff", ".woff2", ".ttf", ".otf", ".mp4", ".webm", ".webmanifest":
		return true
	}
	return false
}

// holdsPage reports whether the bytes of a file begin like a document.
func (a *auditor) holdsPage(b *site.Build, f *site.File) bool {
	if f.SizeBytes > maxDiffBytes {
		return false // no fallback page is that large
	}
	text, err := b.Bytes(f)
	if err != nil {
		return false
	}
	head := bytes.TrimLeft(bytes.TrimPrefix(text[:min(len(text), 512)], []byte("\xef\xbb\xbf")), " \t\r\n")
	head = bytes.ToLower(head)
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}
