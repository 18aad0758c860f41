package distribution

import (
	"bytes"
	"strings"

	"staleproof/cachepolicy"
)

// Behavior is the cache behavior for a raw path: the first whose pattern matches
// it, else the default, which is last [PATH-01], [PATH-02]. Dots, repeated slashes
// and needlessly encoded characters are resolved for the comparison only
// [PATH-14] to [PATH-17]. It is nil only when there are no behaviors, and does not
// allocate unless something had to be resolved.
func (d *Distribution) Behavior(path string) *Behavior {
	last := len(d.Behaviors) - 1
	if last < 0 {
		return nil
	}
	if last > 0 {
		path = strings.TrimPrefix(normalPath(path), "/")
		for i := range d.Behaviors[:last] {
			// A leading slash is implied on either side. [PATH-03]
			if cachepolicy.MatchWildcard(strings.TrimPrefix(d.Behaviors[i].PathPattern, "/"), path) {
				return &d.Behaviors[i]
			}
		}
	}
	return &d.Behaviors[last]
}

// normalPath normalises a path as RFC 3986 §6.2.2 does, and folds slashes first:
// whether before or after the dots is not documented. "%2F" stays. [PATH-15],
// [PATH-17]
func normalPath(path string) string {
	if strings.IndexByte(path, '%') >= 0 {
		path = decodeUnreserved(path)
	}
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path
	}
	out := make([]byte, 0, len(path))
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			out = out[:max(0, bytes.LastIndexByte(out, '/'))]
		default:
			out = append(append(out, '/'), segment...)
		}
	}
	if end := path[strings.LastIndexByte(path, '/'):]; end == "/" || end == "/." || end == "/.." {
		out = append(out, '/')
	}
	return string(out)
}

// decodeUnreserved decodes letters, digits and -._~ only. (RFC 3986 §6.2.2.2)
func decodeUnreserved(path string) string {
	out := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			hi, ok1 := hexDigit(path[i+1])
			lo, ok2 := hexDigit(path[i+2])
			if c := hi<<4 | lo; ok1 && ok2 && unreserved(c) {
				out = append(out, c)
				i += 2
				continue
			}
		}
		out = append(out, path[i])
	}
	return string(out)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func unreserved(c byte) bool {
	return isAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Find is the distribution that a Host header names: its own domain or an alternate
// name, exactly before by wildcard, the longest wildcard first; nil if none. Case
// and port do not matter. It does not allocate. A disabled distribution is found,
// too. [HOST-01] to [HOST-08]
func Find(ds []*Distribution, host string) *Distribution {
	host = withoutPort(host)
	var wild *Distribution
	longest := 0
	for _, d := range ds {
		if strings.EqualFold(d.Domain, host) {
			return d
		}
		for _, alias := range d.Aliases {
			if strings.EqualFold(alias, host) {
				return d
			}
			if len(alias) > longest && coveredBy(alias, host) {
				wild, longest = d, len(alias)
			}
		}
	}
	return wild
}

// coveredBy reports whether "*.example.com" covers host, at any depth, but not
// example.com. [HOST-05]
func coveredBy(alias, host string) bool {
	if len(alias) < 3 || alias[:2] != "*." {
		return false
	}
	suffix := alias[1:] // with the dot
	return len(host) > len(suffix) && strings.EqualFold(host[len(host)-len(suffix):], suffix)
}

// withoutPort cuts ":8080" off, also after "[::1]".
func withoutPort(host string) string {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.IndexByte(host[i:], ']') >= 0 {
		return host
	}
	return host[:i]
}

// Origin is the origin with that id, nil if there is none; the id of an origin
// group has none.
func (d *Distribution) Origin(id string) *Origin {
	for i := range d.Origins {
		if d.Origins[i].ID == id {
			return &d.Origins[i]
		}
	}
	return nil
}
