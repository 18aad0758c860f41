package audit

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"staleproof/scenarios/site"
)

// integrity looks at the integrity attributes in the pages of the newest build: with
// one a wrong file is not used, without one nobody notices.
func (a *auditor) integrity() []Finding {
	b := a.builds[len(a.builds)-1]
	var out []Finding
	var without []string
	seen, named := map[string]bool{}, targets(b)
	all, first := 0, ""
	for _, p := range b.Pages() {
		text, err := b.Bytes(p)
		if err != nil {
			continue
		}
		for _, t := range protectable(text) {
			where := fmt.Sprintf("%s:%d", p.Path, t.line)
			f, own := named[[2]string{p.Path, t.url}]
			switch {
			case t.integrity != "" && own && !seen[t.url]:
				seen[t.url] = true
				all++
				if body, err := b.Bytes(f); err == nil && !matches(t.integrity, body) {
					out = append(out, Finding{Class: Integrity, Build: b.Name, URL: t.url, Where: where,
						What:   "the integrity attribute is of other bytes: browsers refuse the file",
						Repair: "make the attribute after the last step that changes the file"})
				}
			case t.integrity == "" && !seen[t.url]:
				seen[t.url] = true
				all++
				without = append(without, t.url)
				if first == "" {
					first = where
				}
			}
		}
	}
	if len(without) > 0 {
		out = append(out, Finding{Class: Integrity, Note: true, Build: b.Name, URL: without[0], Where: first,
			What:   fmt.Sprintf("%d of %d scripts and style sheets that pages name have no integrity attribute, so that a wrong file goes unnoticed: %s", len(without), all, some(without)),
			Repair: "add integrity attributes: a wrong file is then refused, not used"})
	}
	return out
}

// targets are the files that references name, by the path of the file they stand in
// and how they are written.
func targets(b *site.Build) map[[2]string]*site.File {
	out := map[[2]string]*site.File{}
	for _, r := range b.References() {
		if f, ok := b.File(r.Target); ok {
			out[[2]string{r.From, r.Raw}] = f
		}
	}
	return out
}

// tag is a script or style sheet that a page names.
type tag struct {
	url, integrity string
	line           int
}

// protectable finds the tags of a page that may have an integrity attribute.
func protectable(text []byte) []tag {
	var out []tag
	z, line := html.NewTokenizer(bytes.NewReader(text)), 1
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out
		}
		at := line
		line += bytes.Count(z.Raw(), []byte("\n"))
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := z.Token()
		has := map[string]string{}
		for _, x := range t.Attr {
			has[x.Key] = strings.TrimSpace(x.Val)
		}
		rel := strings.Fields(strings.ToLower(has["rel"]))
		x := tag{integrity: has["integrity"], line: at}
		switch {
		case t.Data == "script":
			x.url = has["src"]
		case t.Data == "link" && len(rel) > 0 && (rel[0] == "stylesheet" || rel[0] == "modulepreload"):
			x.url = has["href"]
		}
		if x.url != "" && !strings.HasPrefix(x.url, "data:") {
			out = append(out, x)
		}
	}
}

// matches reports whether one of the hashes of an integrity attribute is that of a
// file; hashes of unknown kinds are ignored, and if there is no other, so is the
// attribute, as browsers do.
func matches(integrity string, body []byte) bool {
	known := false
	for _, one := range strings.Fields(integrity) {
		kind, want, _ := strings.Cut(one, "-")
		want, _, _ = strings.Cut(want, "?")
		var sum []byte
		switch strings.ToLower(kind) {
		case "sha256":
			s := sha256.Sum256(body)
			sum = s[:]
		case "sha384":
			s := sha512.Sum384(body)
			sum = s[:]
		case "sha512":
			s := sha512.Sum512(body)
			sum = s[:]
		default:
			continue
		}
		known = true
		if base64.StdEncoding.EncodeToString(sum) == want {
			return true
		}
	}
	return !known
}
