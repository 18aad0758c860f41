package replay

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// bodies are the bytes that servers give out. A trace knows bytes by their identity,
// their references and their media type alone, so unless the builds are at hand these
// are made: they differ where identities do, and a browser finds the references in them.
type bodies struct {
	byID   map[string]made
	byHash map[[sha256.Size]byte][]string // what was received, to its identities
	own    *Own                           // nil: bytes are made
	kinds  map[string]string              // by URL of some build: how a page loads it
	long   bool                           // an edge compresses them [CMP-03]
}

// made is a body and what it is.
type made struct {
	media  string
	text   []byte
	builds []int
	page   bool
}

// notFound is the body of a 404, which has no identity.
const notFound = "there is nothing here\n"

// halfWritten is the identity of a file that is being written. [prove.Tear]
const halfWritten = "half-written"

func newBodies(s *Story, builds []prove.Build) *bodies {
	b := &bodies{byID: map[string]made{}, byHash: map[[sha256.Size]byte][]string{}, own: s.own, kinds: map[string]string{}}
	b.long = slices.ContainsFunc(s.Deploy.CDN.Behaviors, func(x prove.Behavior) bool { return x.Compress })
	for _, build := range builds {
		for _, f := range build.Files {
			b.kinds[urlOf(&f)] = kindOf(&f)
			b.kinds[f.Path] = kindOf(&f)
		}
	}
	for i, build := range builds {
		for _, f := range build.Files {
			m, ok := b.byID[f.Body]
			if !ok && b.own != nil {
				x := b.own.files[f.Body]
				m = made{media: x.media, text: x.text, page: f.Page}
			} else if !ok {
				m = b.make(&f)
			}
			if f.Coding == "" { // a compressed copy may be of another build
				m.builds = append(m.builds, i+1)
			}
			b.add(f.Body, m)
		}
	}
	b.add("", made{media: "text/plain", text: []byte(notFound)})
	b.add(halfWritten, made{media: "text/plain", text: b.padded("%s", halfWritten)})
	return b
}

func (b *bodies) add(id string, m made) {
	b.byID[id] = m
	hash := sha256.Sum256(m.text)
	if !slices.Contains(b.byHash[hash], id) {
		b.byHash[hash] = append(b.byHash[hash], id)
	}
}

// markHeader says in an answer which of several things its bytes are: a page that did
// not change stands for each release that has it.
const markHeader = "Staleproof-Bytes"

// mark is what that header says about bytes; "": they are but one thing.
func (b *bodies) mark(id string) string {
	if len(b.byHash[sha256.Sum256(b.byID[id].text)]) > 1 {
		return id
	}
	return ""
}

// in is bytes as a server sends them in a content coding.
func (b *bodies) in(id, coding string) ([]byte, error) {
	if b.own != nil {
		if body, ok := b.own.copies[coded{id, coding}]; ok {
			return body, nil
		}
	}
	return encode(b.byID[id].text, coding)
}

// identity is what received bytes are, which may be in a content coding, unless who
// received them has decompressed them already; ok is false when nobody gave them out.
func (b *bodies) identity(text []byte, coding, mark string) (id string, ok bool) {
	ids := b.byHash[sha256.Sum256(text)]
	if ids == nil && coding != "" {
		if text, err := decode(text, coding); err == nil {
			ids = b.byHash[sha256.Sum256(text)]
		}
	}
	switch {
	case ids == nil:
		return "", false
	case slices.Contains(ids, mark):
		return mark, true
	}
	return ids[0], true
}

// paddingBytes is how much longer bytes are that an edge is to compress, which it does
// from 1,000 bytes on. [CMP-03]
const paddingBytes = 1000

// padded is a text, longer in a comment if an edge compresses what servers give out.
func (b *bodies) padded(comment, text string) []byte {
	if b.long {
		text += fmt.Sprintf(comment, strings.Repeat(".", paddingBytes)) + "\n"
	}
	return []byte(text)
}

func urlOf(f *prove.File) string {
	if f.URL != "" {
		return f.URL
	}
	return f.Path
}

// Kinds of files, by what a page does with them.
const (
	document = "document"
	style    = "style"
	script   = "script"
	image    = "image"
)

// kindOf goes by the path's suffix; what has none is a style sheet if it refers to
// others, else an image.
func kindOf(f *prove.File) string {
	switch ext := path.Ext(f.Path); {
	case f.Page:
		return document
	case ext == ".css":
		return style
	case ext == ".js" || ext == ".mjs":
		return script
	case len(f.Refs) > 0:
		return style
	}
	return image
}

// ref is a reference as it stands in made bytes.
type ref struct {
	Ref string `json:"ref"`
	As  string `json:"as"`
}

// make writes bytes for a file. They ask for nothing by themselves: when a visitor
// asks for what is a matter of the trace.
func (b *bodies) make(f *prove.File) made {
	refs := []ref{}
	for _, r := range f.Refs {
		refs = append(refs, ref{r, b.kindAt(urlOf(f), r)})
	}
	list, _ := json.Marshal(refs)
	switch kindOf(f) {
	case document:
		return made{media: "text/html", page: true, text: b.padded("<!-- %s -->", fmt.Sprintf(pageText, f.Body, list, pageScript))}
	case style:
		var text strings.Builder
		fmt.Fprintf(&text, "/* %s */\n", f.Body)
		for i, r := range f.Refs {
			// A rule that matches nothing until the page gives itself the class.
			fmt.Fprintf(&text, ".asks-%d { background-image: url(%q) }\n", i, r)
		}
		return made{media: "text/css", text: b.padded("/* %s */", text.String())}
	case script:
		return made{media: "text/javascript", text: b.padded("// %s", fmt.Sprintf("// %s\nglobalThis.refer?.(document.currentScript?.src, %s)\n", f.Body, list))}
	}
	return made{media: "image/svg+xml", text: b.padded("<!-- %s -->", fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><!-- %s --><rect width="8" height="8"/></svg>`, f.Body))}
}

// kindAt is what a reference leads to, as far as some build knows its URL.
func (b *bodies) kindAt(base, reference string) string {
	at, err := url.Parse(base)
	if err != nil {
		return image
	}
	to, err := at.Parse(reference)
	if err != nil {
		return image
	}
	for _, known := range []string{to.RequestURI(), to.EscapedPath()} {
		if kind, ok := b.kinds[known]; ok {
			return kind
		}
	}
	return kindOf(&prove.File{Path: to.Path})
}

// pageText is a page: identity, references, script.
const pageText = `<!doctype html>
<meta charset="utf-8">
<title>%s</title>
<link rel="icon" href="data:,">
<script>const references = %s
%s</script>
<p>A page that asks for what it refers to when it is told to.
`

// pageScript gives a page its one door: ask(URL) loads what the page, or a style
// sheet or script it has loaded, refers to by that URL. It says whether anything does.
const pageScript = `
globalThis.refer = (base, list) => references.push(...list.map(r => ({...r, base})))
globalThis.ask = url => {
  for (const {ref, as, base} of references) {
    if (new URL(ref, base ?? document.baseURI).href !== url) continue
    const tag = {style: 'link', script: 'script', image: 'img', document: 'iframe'}[as]
    const element = document.createElement(tag)
    if (as === 'style') { element.rel = 'stylesheet'; element.href = url } else element.src = url
    document.body.append(element)
    return true
  }
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      const found = /url\("(.*)"\)/.exec(rule.style?.backgroundImage ?? '')
      if (!found || new URL(found[1], sheet.href).href !== url) continue
      const element = document.createElement('div')
      element.className = rule.selectorText.slice(1)
      document.body.append(element)
      return true
    }
  }
  return false
}
`
