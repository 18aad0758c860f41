package cachepolicy

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Hazard is a stored response that may be served to somebody whom the origin did
// not mean.
type Hazard struct {
	Row  string // of the ledger
	Text string // what is wrong, and for whom
}

// Hazards are what is dangerous about keeping the reply to r, in a stable order.
// Out is what [Terms.Settle] made of it; nothing that will not answer others is a
// hazard.
func (t *Terms) Hazards(r *Request, reply Reply, out Outcome) []Hazard {
	if out.Store == nil || out.Store.Lifetime == 0 || out.Body != FromReply {
		return nil
	}
	var all []Hazard
	for _, name := range t.variesBeyondKey(reply.Header) {
		all = append(all, Hazard{"VARY-07", "the origin varies on " + name + ", which is not in the cache key: one answer goes to all"})
	}
	if out.Store.Header["Set-Cookie"] != nil {
		all = append(all, Hazard{"CK-09", "a Set-Cookie is stored with the response and goes to everyone who hits it"})
	}
	if what := mistakenForAsset(r.Path, reply.Header.Get("Content-Type")); what != "" {
		all = append(all, Hazard{"ERR-26", "HTML is stored under the URL of " + what + ": whoever loads it gets a page"})
	}
	for name, value := range t.Unkeyed(r) {
		for _, header := range slices.Sorted(maps.Keys(reply.Header)) {
			if containsValue(reply.Header[header], value) {
				all = append(all, Hazard{"HDR-11", "the response header " + header + " repeats " + name + ", which is not in the cache key: it is kept for everybody"})
			}
		}
	}
	slices.SortFunc(all, func(a, b Hazard) int { return strings.Compare(a.Row+a.Text, b.Row+b.Text) })
	return all
}

// variesBeyondKey are the request headers that an origin's Vary names and the key
// leaves out.
func (t *Terms) variesBeyondKey(h http.Header) []string {
	var names []string
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			switch {
			case name == "" || name == "*", t.Policy.Headers.Picks(name):
			case name == "Accept-Encoding" && t.NormalisesEncoding():
			case name == "Cookie" && t.Policy.Cookies.Mode == All:
			default:
				names = append(names, name)
			}
		}
	}
	return names
}

// minEcho is how long a value must be to be recognised in a response; shorter ones
// stand there by chance.
const minEcho = 6

// Unkeyed are the values that the origin gets for r and that are not in its key, by
// a name for people. What is repeated of them in a response is kept for everybody
// who has the same key. [QS-11], [HDR-11]
func (t *Terms) Unkeyed(r *Request) map[string]string {
	if t.forwardsKeyOnly(r) {
		return nil
	}
	return t.unkeyed(r)
}

func (t *Terms) unkeyed(r *Request) map[string]string {
	fwd := t.Forward(r)
	out := map[string]string{}
	for name, values := range fwd.Header {
		switch {
		case t.Policy.Headers.Picks(name), alwaysForwarded[name], name == "User-Agent", name == "Accept-Encoding":
			continue
		case name == "Cookie":
			for pair := range strings.SplitSeq(values[0], "; ") {
				cookie, value, _ := strings.Cut(pair, "=")
				if !t.Policy.Cookies.Picks(cookie) && len(value) >= minEcho {
					out["the cookie "+cookie] = value
				}
			}
			continue
		}
		if v := strings.Join(values, ","); len(v) >= minEcho {
			out["the request header "+name] = v
		}
	}
	for param := range strings.SplitSeq(fwd.RawQuery, "&") {
		name, value, _ := strings.Cut(param, "=")
		if !t.Policy.QueryStrings.Picks(name) && len(value) >= minEcho {
			out["the query parameter "+name] = value
		}
	}
	return out
}

// forwardsKeyOnly reports, at little cost, that whatever the origin gets for r is in
// the key, or says nothing that a response could repeat.
func (t *Terms) forwardsKeyOnly(r *Request) bool {
	more := &t.OriginRequest
	return !t.Legacy && more.Headers.Mode == None && more.Cookies.Mode == None && more.QueryStrings.Mode == None &&
		len(t.AddedCloudFrontHeaders()) == 0 && r.Header["Authorization"] == nil
}

func containsValue(lines []string, value string) bool {
	return slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, value) })
}

// assets are extensions of what a page loads, and never is a page.
var assets = map[string]string{
	".js": "a script", ".mjs": "a script", ".css": "a style sheet", ".png": "an image", ".jpg": "an image", ".jpeg": "an image",
	".gif": "an image", ".webp": "an image", ".avif": "an image", ".svg": "an image", ".ico": "an image", ".woff": "a font",
	".woff2": "a font", ".ttf": "a font", ".otf": "a font", ".wasm": "a module", ".map": "a source map",
}

// mistakenForAsset says what a URL should hold when it is an asset's and HTML came
// for it; else it is empty.
func mistakenForAsset(urlPath, contentType string) string {
	contentType, _, _ = strings.Cut(contentType, ";")
	if !strings.EqualFold(strings.TrimSpace(contentType), "text/html") {
		return ""
	}
	return assets[strings.ToLower(path.Ext(urlPath))]
}
