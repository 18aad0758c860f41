package front

import (
	"bytes"
	"net/http"
	"strconv"
)

// head is a request head that was read.
type head struct {
	line requestLine
	Request
	fields
}

// turn says who serves a request.
type turn int

const (
	ours   turn = iota // the Hitter, then the Handler
	theirs             // net/http
)

// read reads the whole head in b, which ends with an empty line. same says that its
// fields are those read last.
func (h *head) read(b []byte, same bool) (turn, *Fault) {
	end := bytes.IndexByte(b, '\n')
	if end < 1 || b[end-1] != '\r' {
		return 0, faultLineEnd
	}
	line, fault := readLine(b[:end-1])
	if fault != nil {
		return 0, fault
	}
	if !same {
		if fault := h.fields.read(b[end+1 : len(b)-2]); fault != nil {
			return 0, fault
		}
	}
	h.line = line
	if fault := h.checkHost(); fault != nil {
		return 0, fault
	}
	if fault := h.checkFraming(); fault != nil {
		return 0, fault
	}
	h.HeadBytes = len(b)
	return h.judge(), nil
}

// checkHost wants exactly one Host. RFC 9112 §3.2, [ERR-18]
func (h *head) checkHost() *Fault {
	switch {
	case h.hosts > 1:
		return faultHosts
	case h.hosts == 1 && h.host == "" && h.line.version != http10:
		return faultNoHost
	case h.hosts == 1 && h.host != "" && !isHost(h.host):
		return faultHost
	case h.hosts == 0 && h.line.version != http10 && h.line.version != http20:
		return faultNoHost
	}
	return nil
}

// checkFraming refuses heads after which two readers could disagree about where
// the next request begins. RFC 9112 §6.1, §6.3
func (h *head) checkFraming() *Fault {
	switch {
	case h.codings > 0 && (h.lengths > 0 || h.line.version == http10):
		return faultFraming
	case h.codings > 1 || h.codings == 1 && !equalChunked(h.coding):
		return faultCoding
	case h.lengths > 1 && h.length == "":
		return faultLengths
	case h.lengths > 0 && !isLength(h.length):
		return faultLength
	}
	return nil
}

// isLength reports whether s is a length that net/http reads, too.
func isLength(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil && isDigits(s)
}

func equalChunked(s string) bool {
	return len(s) == len("chunked") && bytes.EqualFold([]byte(s), []byte("chunked"))
}

// judge says whose turn a sound head is, and fills in the request if it is ours.
func (h *head) judge() turn {
	l := &h.line
	if l.version != http11 || l.form != origin || h.codings > 0 || h.handsOn || h.lengths > 1 {
		return theirs
	}
	if h.lengths == 1 && h.length != "0" { // a length of 0 is none [METH-08]
		return theirs
	}
	switch string(l.method) {
	case http.MethodGet:
		h.Method = http.MethodGet
	case http.MethodHead:
		h.Method = http.MethodHead
	case http.MethodOptions:
		h.Method = http.MethodOptions
	default:
		return theirs
	}
	h.RequestURI = alias(l.target)
	h.Path, h.RawQuery = h.RequestURI[:l.path], ""
	if l.path < len(l.target) {
		h.RawQuery = h.RequestURI[l.path+1:]
	}
	h.Host, h.Header = h.host, h.header
	return ours
}
