package origin

import (
	"net/http"
	"slices"
	"sync"
)

// outgoing is a request head as it is sent, and what writing it takes. It is used
// again for other requests.
type outgoing struct {
	head   []byte
	names  []string
	server string // TLS server name; "": no TLS
}

var outgoings = sync.Pool{New: func() any { return new(outgoing) }}

// keepBytes is how large an outgoing may become and still be used again.
const keepBytes = 16 << 10

func (o *outgoing) release() {
	if cap(o.head) > keepBytes {
		return
	}
	clear(o.names)
	o.head, o.names = o.head[:0], o.names[:0]
	outgoings.Put(o)
}

// plain writes the head of a request without a body, the same that net/http would
// write of what prepare makes of it. It reports false when there is anything
// unusual about the request: then net/http has it.
func (t *Transport) plain(req *http.Request) (*outgoing, bool) {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		return nil, false
	}
	if req.Body != nil && req.Body != http.NoBody || req.ContentLength != 0 || len(req.TransferEncoding) > 0 ||
		req.Close || req.Trailer != nil || req.Header["Upgrade"] != nil {
		return nil, false
	}
	o := outgoings.Get().(*outgoing)
	if t.writeHead(o, req) {
		return o, true
	}
	o.release()
	return nil, false
}

func (t *Transport) writeHead(o *outgoing, req *http.Request) bool {
	scheme := t.scheme(req.URL.Scheme)
	o.server = ""
	if scheme == "https" {
		if o.server = t.serverName(req.Host); !plainHost(o.server) {
			return false
		}
	}
	host := req.Host
	if host == "" {
		if host = t.hosts[0]; scheme == "https" {
			host = t.hosts[1]
		}
	}
	path := req.URL.RawPath
	if path == "" {
		path = req.URL.EscapedPath()
	}
	query := req.URL.RawQuery
	if !plainText(t.origin.Path) || !plainText(path) || !plainText(query) || !plainHost(host) || path == "" || path[0] != '/' {
		return false
	}
	if t.odd {
		return false
	}
	b := append(o.head, req.Method...)
	b = append(b, ' ')
	b = append(append(b, t.origin.Path...), path...)
	if query != "" || req.URL.ForceQuery {
		b = append(append(b, '?'), query...)
	}
	b = append(append(b, " HTTP/1.1\r\nHost: "...), host...)
	o.head = append(b, "\r\n"...)
	return t.writeFields(o, req.Header)
}

// writeFields writes a viewer's fields and the origin's own, which are among those
// of the Transport, in net/http's order.
func (t *Transport) writeFields(o *outgoing, h http.Header) bool {
	for name := range h {
		switch name {
		case "User-Agent", "Host", "Content-Length", "Transfer-Encoding", "Trailer":
		default:
			if _, ours := t.own[name]; !ours {
				o.names = append(o.names, name)
			}
		}
	}
	o.names = append(o.names, t.ownNames...)
	slices.Sort(o.names)
	if agent, ours := t.own["User-Agent"]; ours {
		if agent != "" {
			o.field("User-Agent", agent)
		}
	} else if v := h["User-Agent"]; len(v) > 0 && v[0] != "" {
		if !o.field("User-Agent", v[0]) {
			return false
		}
	}
	for _, name := range o.names {
		if value, ours := t.own[name]; ours {
			o.field(name, value)
			continue
		}
		if !token(name) {
			return false
		}
		for _, v := range h[name] {
			if !o.field(name, v) {
				return false
			}
		}
	}
	o.head = append(o.head, "\r\n"...)
	return true
}

// settleOwn works out once what every request of t has.
func (t *Transport) settleOwn() {
	t.hosts = [...]string{t.host("http"), t.host("https")}
	t.own = map[string]string{}
	for _, h := range t.origin.Headers { // [HDR-29]
		t.own[http.CanonicalHeaderKey(h.Name)] = h.Value
	}
	t.own["Connection"] = "Keep-Alive" // row HDR-15 of the request ledger
	for name, value := range t.own {
		switch {
		case name == "Accept-Encoding" && value == "": // [AE-10]
		case name == "User-Agent", name == "Host", name == "Content-Length", name == "Transfer-Encoding", name == "Trailer":
		default:
			t.ownNames = append(t.ownNames, name)
		}
		var o outgoing
		t.odd = t.odd || !token(name) || !o.field(name, value)
	}
}

// field reports whether value may stand in a field as it is.
func (o *outgoing) field(name, value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	if n := len(value); n > 0 && (value[0] <= ' ' || value[n-1] <= ' ') {
		return false // net/http trims it
	}
	b := append(append(o.head, name...), ": "...)
	o.head = append(append(b, value...), "\r\n"...)
	return true
}

// plainText reports whether s may stand in a request line.
func plainText(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// plainHost reports whether s is a host that net/http writes as it is.
func plainHost(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '-', c == '_', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return s != ""
}

// tokenBytes are those of a field name. RFC 9110 §5.6.2
var tokenBytes = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789" {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	return t
}()

func token(s string) bool {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return false
		}
	}
	return s != ""
}
