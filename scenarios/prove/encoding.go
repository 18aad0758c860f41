package prove

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Encodings is what a visitor takes: the value of his Accept-Encoding, "br,gzip". ""
// is none: he sends no such header and takes plain bytes only. Whatever he says, of it
// br and gzip count, as they do for CloudFront. [AE-01] to [AE-04]
//
// A visitor's request is for a URL and what he takes, so that each variant that a
// cache tells apart has a key of its own, and one that it does not tell apart is
// given to whoever asks.
type Encodings string

// Takes reports whether a content coding is acceptable: named, and not with weight 0
// (RFC 9110 §12.5.3). A wildcard names nothing.
func (e Encodings) Takes(coding string) bool {
	for one := range strings.SplitSeq(string(e), ",") {
		name, params, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		_, q, ok := strings.Cut(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !ok || err != nil || weight != 0
	}
	return false
}

// codings are the content codings of which servers have, or make, variants. What they
// prefer comes first.
var codings = [...]string{"br", "gzip"}

// Alike reports whether two say the same about the codings that count.
func (e Encodings) Alike(f Encodings) bool {
	return !slices.ContainsFunc(codings[:], func(c string) bool { return e.Takes(c) != f.Takes(c) })
}

// known is the request for a URL by one who says what he takes in other words than any
// visitor, or who takes what nobody was said to: a browser that has its own way.
func (m *model) known(url string, takes Encodings) (reqID, bool) {
	if id, ok := m.reqOf(url, takes); ok {
		return id, true
	}
	for _, e := range m.takes {
		if id, ok := m.reqOf(url, e); ok && e.Alike(takes) {
			return id, true
		}
	}
	return m.reqOf(url, "")
}

// header is what a visitor sends.
func (e Encodings) header() http.Header {
	if e == "" {
		return http.Header{}
	}
	return http.Header{"Accept-Encoding": {string(e)}}
}

// readTakes gives every visitor what he takes.
func (m *model) readTakes() error {
	d := &m.deploy
	if len(d.Takes) > len(d.Visitors) {
		return fmt.Errorf("encodings of %d visitors, and there are %d", len(d.Takes), len(d.Visitors))
	}
	if d.Takes != nil {
		var all []Encodings
		for i := range d.Visitors {
			all = append(all, d.Takes[i%len(d.Takes)])
		}
		d.Takes = all
	}
	for _, e := range append(slices.Clone(d.Takes), d.others...) {
		if strings.ContainsAny(string(e), "\r\n") {
			return fmt.Errorf("encodings %q: want one line", e)
		}
		if !slices.Contains(m.takes, e) {
			m.takes = append(m.takes, e)
		}
	}
	if m.takes == nil {
		m.takes = []Encodings{""}
	}
	return nil
}

// takesOf is what visitor i takes.
func (d *Deploy) takesOf(i int) Encodings {
	if d.Takes == nil {
		return ""
	}
	return d.Takes[i]
}

// encoded reports whether anybody takes more than plain bytes.
func (m *model) encoded() bool { return len(m.takes) > 1 || m.takes[0] != "" }

// pagesFor lists the pages as each visitor asks for them.
func (m *model) pagesFor() {
	for _, k := range m.kinds {
		var list []reqID
		for _, p := range m.pages {
			if m.taken[p] == k.takes {
				list = append(list, p)
			}
		}
		m.pagesBy = append(m.pagesBy, list)
	}
}

// unreadable reports whether an answer is in a coding that whoever asked does not
// take: to him it is bytes of no build.
func (m *model) unreadable(want reqID, r *reply) bool {
	return r.coding != "" && !m.taken[want].Takes(r.coding)
}

// mixes is a content coding that two requests for one URL, which have one key in tier
// t, may share although only one of them takes it; "" is none.
func (m *model) mixes(t int, a, b reqID) string {
	if m.url(a) != m.url(b) {
		return ""
	}
	for _, pair := range [...][2]reqID{{a, b}, {b, a}} {
		r := m.tiers[t].rules
		for n := range m.nodes {
			for s := range m.servers() {
				rep := &m.replies[m.originReply(n, s, m.atOrigin(pair[0]))]
				if rep.status == http.StatusOK && m.unreadable(pair[1], rep) && r.settle(pair[0], r.plan(pair[0], 0), m.originReply(n, s, m.atOrigin(pair[0]))).store != 0 {
					return rep.coding
				}
			}
		}
	}
	return ""
}

// asked is a request in words: its URL, and what is taken.
func (m *model) asked(id reqID) string {
	if m.taken[id] == "" {
		return m.url(id)
	}
	return m.url(id) + ", taking " + string(m.taken[id])
}

// had is the file that a server answers a path with. A compressed copy that is taken
// comes first, and nobody looks whether it is as old as the plain file, or whether
// there is one (nginx, ngx_http_gzip_static_module).
func (m *model) had(n, server int, path string, takes Encodings) (string, placed, bool) {
	for _, coding := range codings {
		at, ok := m.copies[copyKey{path, coding}]
		if !ok || !takes.Takes(coding) {
			continue
		}
		if f, ok := m.fileAt(n, server, at); ok {
			return at, f, true
		}
	}
	f, ok := m.fileAt(n, server, path)
	if ok && m.deploy.CDN.Origin.Encodes {
		for _, coding := range codings {
			if f.coding == "" && takes.Takes(coding) {
				f.coding = coding
			}
		}
	}
	return path, f, ok
}

type copyKey struct{ path, coding string }

// readCopies finds the compressed copies that builds have.
func (m *model) readCopies() error {
	for _, build := range m.builds {
		for _, f := range build.Files {
			switch {
			case f.Coding == "" && f.CopyOf == "":
				continue
			case f.Coding == "" || f.CopyOf == "":
				return fmt.Errorf("file %s: a compressed copy has a coding and is a copy of a path", f.Path)
			case !slices.Contains(codings[:], f.Coding):
				return fmt.Errorf("file %s: coding %q, want br or gzip", f.Path, f.Coding)
			}
			key := copyKey{f.CopyOf, f.Coding}
			if at, ok := m.copies[key]; ok && at != f.Path {
				return fmt.Errorf("%s and %s are both %s with coding %s", at, f.Path, f.CopyOf, f.Coding)
			}
			m.copies[key] = f.Path
		}
	}
	return nil
}

// varies reports whether servers say Vary: Accept-Encoding about a path.
func (m *model) varies(path string) bool {
	o := &m.deploy.CDN.Origin
	if o.NoVary {
		return false
	}
	if o.Encodes {
		return true
	}
	for key, at := range m.copies {
		if key.path == path || at == path {
			return true
		}
	}
	return false
}
