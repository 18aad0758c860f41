package cachepolicy

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// Key is a cache key: what makes two viewer requests the same to the cache.
type Key struct{ text string }

// KeyOf is the key with the given text, as [Key.String] or [Terms.AppendKey] gave it.
func KeyOf(text string) Key { return Key{text} }

// String is the canonical, readable form: the scope and the URL on the first
// line, then one line for each header, the cookies and the encodings in the key.
// Two keys are equal if and only if their strings are.
func (k Key) String() string { return k.text }

// Hash is 64 hex digits and fits every store.
func (k Key) Hash() string {
	sum := sha256.Sum256([]byte(k.text))
	return hex.EncodeToString(sum[:])
}

// Key is the cache key of r under t. Scope keeps distributions apart: it is the
// distribution's own domain name, whatever Host the viewer used [KEY-01],
// [KEY-02]. The path joins raw and case-sensitive [KEY-03], [KEY-04].
func (t *Terms) Key(scope string, r *Request) Key {
	return Key{string(t.AppendKey(nil, scope, r))}
}

// AppendKey appends the text of the cache key of r to b, without allocating when
// b is large enough and no cookie is in the key. Header values and paths hold no
// line feed, so the text has one reading only.
func (t *Terms) AppendKey(b []byte, scope string, r *Request) []byte {
	if r.Method == http.MethodOptions { // [KEY-10]; GET and HEAD share one [KEY-11]
		b = append(b, "OPTIONS "...)
	}
	b = append(b, scope...)
	b = append(b, ' ')
	b = t.AppendURI(b, r)
	p := &t.Policy
	if p.Headers.Mode == Only {
		for _, name := range p.Headers.Names {
			if name == "Host" {
				b = appendLine(b, "Host", r.Host)
				continue
			}
			values, ok := r.Header[name]
			if !ok {
				continue // absent and empty differ [HDR-02]
			}
			b = append(b, '\n')
			b = append(b, name...)
			b = append(b, ": "...)
			for i, v := range values {
				if i > 0 {
					b = append(b, ',')
				}
				b = append(b, v...)
			}
		}
	}
	if p.Cookies.Mode != None && !(t.S3 && t.Emulation.BucketIgnoresCookies) {
		if c := joinCookies(r.Header["Cookie"], p.Cookies.Picks); c != "" {
			b = appendLine(b, "Cookie", c)
		}
	}
	if gzip, brotli := t.codings(); !t.IgnoresEncoding {
		if ae := acceptedEncodings(r.Header, gzip, brotli); ae != "" {
			b = appendLine(b, "Accept-Encoding", ae)
		}
	}
	return b
}

// AppendURI appends the path of r and the part of its query string that is in the
// key: what an invalidation's path is compared with. [INV-07]
func (t *Terms) AppendURI(b []byte, r *Request) []byte {
	b = append(b, r.Path...)
	if t.Policy.QueryStrings.Mode != None && r.RawQuery != "" {
		mark := len(b)
		b = append(b, '?')
		b = t.Policy.QueryStrings.appendQuery(b, r.RawQuery)
		if len(b) == mark+1 {
			b = b[:mark] // "/x?" is "/x": unknown 2
		}
	}
	return b
}

func appendLine(b []byte, name, value string) []byte {
	b = append(b, '\n')
	b = append(b, name...)
	b = append(b, ": "...)
	return append(b, value...)
}
