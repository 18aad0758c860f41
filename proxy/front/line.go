package front

import "bytes"

// requestLine is the first line of a request. Its byte slices alias the head.
type requestLine struct {
	method  []byte
	target  []byte
	path    int // length of the path in target, if target is a path
	form    form
	version version
}

// form is that of a request target. RFC 9112 §3.2
type form int

const (
	origin    form = iota // a path
	absolute              // an http or https URL
	authority             // of CONNECT
	asterisk              // of OPTIONS
)

type version int

const (
	http11 version = iota
	http10
	http1x // a later HTTP/1
	http20 // of the preface only
)

// readLine reads a request line without its CRLF.
func readLine(b []byte) (l requestLine, f *Fault) {
	var rest []byte
	var ok bool
	if l.method, rest, ok = bytes.Cut(b, space); !ok {
		return l, faultRequestLine
	}
	if !isToken(l.method) {
		return l, faultMethod
	}
	sp := bytes.IndexByte(rest, ' ')
	if sp < 0 {
		return l, faultRequestLine
	}
	l.target = rest[:sp]
	if f := l.readVersion(rest[sp+1:]); f != nil {
		return l, f
	}
	return l, l.readTarget()
}

var space = []byte(" ")

func (l *requestLine) readVersion(v []byte) *Fault {
	switch string(v) {
	case "HTTP/1.1":
		return nil
	case "HTTP/1.0":
		l.version = http10
		return nil
	}
	if len(v) != len("HTTP/1.1") || string(v[:5]) != "HTTP/" || v[6] != '.' || !isDigits(alias(v[5:6])) || !isDigits(alias(v[7:8])) {
		return faultRequestLine
	}
	switch {
	case v[5] == '1':
		l.version = http1x
	case v[5] == '2' && v[7] == '0' && string(l.method) == "PRI" && string(l.target) == "*":
		l.version = http20
	default:
		return faultVersion
	}
	return nil
}

// readTarget accepts what net/url accepts of these forms, and none beside.
func (l *requestLine) readTarget() *Fault {
	t := l.target
	if hasControl(t) || bytes.IndexByte(t, '\t') >= 0 {
		return faultTarget
	}
	connect := string(l.method) == "CONNECT"
	switch {
	case len(t) == 0:
		return faultTarget
	case t[0] == '/':
		l.path = bytes.IndexByte(t, '?')
		if l.path < 0 {
			l.path = len(t)
		}
		return checkEscapes(t[:l.path])
	case connect:
		l.form = authority
	case string(t) == "*" && (string(l.method) == "OPTIONS" || l.version == http20):
		l.form = asterisk
	case hasScheme(t, "http://"), hasScheme(t, "https://"):
		l.form = absolute
	default:
		return faultTarget
	}
	return nil
}

// hasScheme compares without case.
func hasScheme(t []byte, scheme string) bool {
	return len(t) > len(scheme) && bytes.EqualFold(t[:len(scheme)], []byte(scheme))
}

// checkEscapes wants two hex digits after each percent sign of a path, as net/url
// does; in a query it does not mind.
func checkEscapes(path []byte) *Fault {
	for {
		i := bytes.IndexByte(path, '%')
		if i < 0 {
			return nil
		}
		if len(path) < i+3 || !isHex(path[i+1]) || !isHex(path[i+2]) {
			return faultTarget
		}
		path = path[i+3:]
	}
}
