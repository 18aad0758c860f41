package front

import (
	"bytes"
	"net/http"
	"strings"
)

// fields are the field lines of a head, and what they say about framing. All of
// it is used again for the next head; when that has the same lines, byte for byte,
// as requests of one viewer often do, nothing needs to be read again, see
// [conn.foresee].
type fields struct {
	raw    []byte // the lines; strings below alias it
	names  []byte // names that had to be made canonical; the same
	values []string
	header http.Header
	known  bool // raw has been read, without fault

	framing
}

// framing is what the server itself needs to know of the fields.
type framing struct {
	host      string
	hosts     int
	length    string // of Content-Length
	lengths   int
	coding    string // of Transfer-Encoding
	codings   int
	close     bool // Connection: close
	handsOn   bool // Expect or Upgrade
	chattered bool // more or longer fields than are worth keeping memory for
}

var newline = []byte("\n")

// Above these the memory of a head is not kept for the next one.
const (
	keepHeadBytes = 8 << 10
	keepFields    = 64
)

// read reads the field lines in block, each with its CRLF, without the empty line.
func (f *fields) read(block []byte) *Fault {
	f.known = false
	f.framing = framing{}
	f.values = f.values[:0]
	if f.header == nil {
		n := min(bytes.Count(block, newline), keepFields)
		f.header, f.values = make(http.Header, n), make([]string, 0, n)
	} else {
		clear(f.header)
	}
	f.raw = append(f.raw[:0], block...)
	f.names = f.names[:0]

	for rest := f.raw; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 1 || rest[end-1] != '\r' {
			return faultLineEnd
		}
		if fault := f.readField(rest[:end-1]); fault != nil {
			return fault
		}
		rest = rest[end+1:]
	}
	f.fixPragma()
	f.chattered = len(f.raw) > keepHeadBytes || len(f.header) > keepFields
	f.known = true
	return nil
}

// readField reads one line. A folded line fails here, as it begins with no name.
func (f *fields) readField(line []byte) *Fault {
	colon, canonical := readName(line)
	if colon <= 0 || colon == len(line) || line[colon] != ':' {
		return faultName
	}
	value := line[colon+1:]
	if hasControl(value) {
		return faultValue
	}
	name := line[:colon]
	if !canonical {
		name = f.canonical(name)
	}
	f.add(alias(name), alias(trim(value)))
	return nil
}

// readName measures the token at the start of line, and says whether it is in
// canonical form.
func readName(line []byte) (n int, canonical bool) {
	canonical = true
	first := true // of a word
	for n < len(line) {
		class := tokenClass[line[n]]
		if class == 0 {
			return n, canonical
		}
		if first && class == tokenLower || !first && class == tokenUpper {
			canonical = false
		}
		first = class == tokenDash
		n++
	}
	return n, canonical
}

// canonical makes the copy of name that [http.CanonicalHeaderKey] would.
func (f *fields) canonical(name []byte) []byte {
	if cap(f.names) < len(f.raw) { // once, as later names must not move earlier ones
		f.names = make([]byte, 0, cap(f.raw))
	}
	start := len(f.names)
	first := true
	for _, c := range name {
		class := tokenClass[c]
		if first && class == tokenLower || !first && class == tokenUpper {
			c ^= 'a' - 'A'
		}
		first = class == tokenDash
		f.names = append(f.names, c)
	}
	return f.names[start:]
}

// add puts a field into the header and keeps what concerns framing.
func (f *fields) add(name, value string) {
	switch name {
	case "Host":
		f.host = value
		f.hosts++
		return // as net/http, which has it in Request.Host
	case "Content-Length":
		if f.lengths > 0 && f.length != value {
			f.length = "" // no length at all
		} else {
			f.length = value
		}
		f.lengths++
	case "Transfer-Encoding":
		f.coding = value
		f.codings++
	case "Connection":
		f.close = f.close || hasClose(value)
	case "Expect", "Upgrade":
		f.handsOn = true
	}
	vv := f.header[name]
	switch {
	case vv == nil:
		vv = f.carve(1)
	case len(vv) == cap(vv):
		vv = append(f.carve(2*len(vv)), vv...)
	}
	f.header[name] = append(vv, value)
}

// carve cuts an empty slice of capacity n off f.values.
func (f *fields) carve(n int) []string {
	if len(f.values)+n > cap(f.values) {
		f.values = make([]string, 0, max(16, n, 2*cap(f.values)))
	}
	start := len(f.values)
	f.values = f.values[:start+n]
	return f.values[start : start : start+n]
}

// fixPragma does as net/http, so that both show the same header. RFC 9111 §5.4
func (f *fields) fixPragma() {
	if p := f.header["Pragma"]; len(p) > 0 && p[0] == "no-cache" && f.header["Cache-Control"] == nil {
		f.header["Cache-Control"] = append(f.carve(1), "no-cache")
	}
}

// hasClose looks for the token close in a list.
func hasClose(list string) bool {
	if len(list) < len("close") || list == "keep-alive" {
		return false
	}
	for s := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.Trim(s, " \t"), "close") {
			return true
		}
	}
	return false
}
