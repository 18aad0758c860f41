package site

import (
	"bytes"
	"html"
	"io"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"
)

// attribute is one attribute of a start tag: its decoded value, and for each byte of
// that value where it stands in the file.
type attribute struct {
	name  string
	value string
	at    []int // len(value)+1 offsets
}

// span returns the reference that value[from:to] is.
func (a attribute) span(from, to int, kind Kind, via string) found {
	return found{start: a.at[from], end: a.at[to], raw: a.value[from:to], kind: kind, via: via, attribute: true}
}

// html finds the references of a document.
func (s *scanner) html() {
	z := nethtml.NewTokenizer(bytes.NewReader(s.src))
	z.SetMaxBuf(MaxSearchBytes)
	offset, open, kindOf := 0, "", ""
	for {
		token := z.Next()
		raw := len(z.Raw())
		at := offset
		offset += raw
		switch token {
		case nethtml.ErrorToken:
			if err := z.Err(); err != io.EOF {
				s.note(min(at, len(s.src)), "not understood from here on: "+err.Error())
			}
			return
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			name, attrs := readTag(s.src[at:offset], at)
			s.tag(name, attrs)
			open, kindOf = name, strings.ToLower(valueOf(attrs, "type"))
			if name == "script" && valueOf(attrs, "src") != "" {
				open = ""
			}
		case nethtml.TextToken:
			s.inline(open, kindOf, at, s.src[at:offset])
		case nethtml.EndTagToken:
			open = ""
		}
	}
}

// inline looks into the text of style and script elements.
func (s *scanner) inline(element, mediaType string, at int, text []byte) {
	switch {
	case element == "style":
		s.css(at, text, Eager)
	case element != "script":
	case mediaType == "importmap":
		s.importMap(at, text)
	case mediaType == "" || mediaType == "module" || strings.Contains(mediaType, "javascript") || strings.Contains(mediaType, "ecmascript"):
		s.script(at, text, Eager)
	}
}

// tag records what one start tag refers to.
func (s *scanner) tag(name string, attrs []attribute) {
	kind := Eager
	if strings.EqualFold(valueOf(attrs, "loading"), "lazy") {
		kind = Lazy
	}
	for _, a := range attrs {
		switch via := name + " " + a.name; via {
		case "base href":
			if s.base == "" {
				s.base = strings.TrimSpace(a.value)
			}
		case "link href":
			if k, rel := linkKind(valueOf(attrs, "rel")); rel != "" {
				s.add(a.span(0, len(a.value), k, "link "+rel))
			}
		case "script src", "img src", "source src", "video src", "audio src", "track src", "embed src", "input src",
			"iframe src", "video poster", "object data", "body background",
			"use href", "use xlink:href", "image href", "image xlink:href", "feimage href", "feimage xlink:href":
			s.add(a.span(0, len(a.value), kind, via))
		case "img srcset", "source srcset", "link imagesrcset":
			s.srcset(a, kind, via)
		default:
			if a.name == "style" {
				s.cssAttribute(a)
			}
		}
	}
}

// linkKind says when the target of a link with these relations is fetched, and which
// of them says so; "": never, as for canonical and preconnect.
func linkKind(rels string) (Kind, string) {
	for _, r := range strings.Fields(strings.ToLower(rels)) {
		switch r {
		case "stylesheet", "preload", "modulepreload", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "manifest":
			return Eager, r
		case "prefetch":
			return Lazy, r
		}
	}
	return "", ""
}

// srcset records each candidate of a srcset attribute: URLs and descriptors, parted
// by commas; a URL may itself hold commas but not end in one.
func (s *scanner) srcset(a attribute, kind Kind, via string) {
	v, i := a.value, 0
	for i < len(v) {
		for i < len(v) && (v[i] == ',' || isSpace(v[i])) {
			i++
		}
		start := i
		for i < len(v) && !isSpace(v[i]) {
			i++
		}
		end := start + len(strings.TrimRight(v[start:i], ","))
		if end > start {
			s.add(a.span(start, end, kind, via))
		}
		if end == i { // no comma after the URL: descriptors follow
			for i < len(v) && v[i] != ',' {
				i++
			}
		}
	}
}

// readTag splits the text of a start tag, which begins at offset at of the file.
// The tokenizer has found its bounds; what it does not tell is where values stand.
func readTag(raw []byte, at int) (name string, attrs []attribute) {
	i := 1
	for i < len(raw) && !isSpace(raw[i]) && raw[i] != '/' && raw[i] != '>' {
		i++
	}
	name = strings.ToLower(string(raw[1:i]))
	for i < len(raw) {
		if isSpace(raw[i]) || raw[i] == '/' {
			i++
			continue
		}
		if raw[i] == '>' {
			break
		}
		start := i
		for i++; i < len(raw) && !isSpace(raw[i]) && raw[i] != '/' && raw[i] != '>' && raw[i] != '='; i++ {
		}
		a := attribute{name: strings.ToLower(string(raw[start:i]))}
		from, to, next := valueSpan(raw, i)
		i = next
		a.value, a.at = decode(raw[from:to], at+from)
		if !slices.ContainsFunc(attrs, func(b attribute) bool { return b.name == a.name }) { // the first one counts
			attrs = append(attrs, a)
		}
	}
	return name, attrs
}

// valueSpan finds the value of the attribute whose name ends at i, and where to go on.
func valueSpan(raw []byte, i int) (from, to, next int) {
	j := skipSpace(raw, i)
	if j >= len(raw) || raw[j] != '=' {
		return i, i, i
	}
	j = skipSpace(raw, j+1)
	if j < len(raw) && (raw[j] == '"' || raw[j] == '\'') {
		if n := bytes.IndexByte(raw[j+1:], raw[j]); n >= 0 {
			return j + 1, j + 1 + n, j + 2 + n
		}
		return len(raw), len(raw), len(raw)
	}
	for k := j; k < len(raw); k++ {
		if isSpace(raw[k]) || raw[k] == '>' {
			return j, k, k
		}
	}
	return j, len(raw), len(raw)
}

// decode undoes character references and keeps where each byte came from. A reference
// without its semicolon stays as it is, as browsers treat ?a=1&copy=2 in an attribute.
func decode(raw []byte, at int) (string, []int) {
	var out []byte
	var from []int
	for i := 0; i < len(raw); {
		if raw[i] == '&' {
			if n := bytes.IndexByte(raw[i:min(len(raw), i+40)], ';'); n > 0 {
				if text := html.UnescapeString(string(raw[i : i+n+1])); text != string(raw[i:i+n+1]) {
					for range len(text) {
						from = append(from, at+i)
					}
					out = append(out, text...)
					i += n + 1
					continue
				}
			}
		}
		out, from = append(out, raw[i]), append(from, at+i)
		i++
	}
	return string(out), append(from, at+len(raw))
}

func valueOf(attrs []attribute, name string) string {
	for _, a := range attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}
