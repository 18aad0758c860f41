package front

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Fields of the handler that are not sent: those the server writes itself, and
// those that the status forbids.
var (
	hidden            = map[string]bool{"Transfer-Encoding": true}
	hiddenNoBody      = map[string]bool{"Transfer-Encoding": true, "Content-Length": true}
	hiddenNotModified = map[string]bool{"Transfer-Encoding": true, "Content-Length": true, "Content-Type": true}
)

// settle writes the status line and the handler's fields, which it may change from
// now on without effect.
func (w *response) settle() {
	w.declareLength()
	h := w.header
	_, w.has.date = h["Date"]
	_, w.has.contentType = h["Content-Type"]
	_, w.has.connection = h["Connection"]
	w.has.contentEncoding = h.Get("Content-Encoding") != ""
	w.has.coding = h.Get("Transfer-Encoding") != ""
	if h.Get("Connection") == "close" || w.status == http.StatusSwitchingProtocols || w.c.server.closing.Load() {
		w.close = true
	}
	w.out = appendStatusLine(w.out, w.status)
	if hide := w.hide(); !w.appendFields(h, hide) {
		h.WriteSubset(&w.out, hide)
	}
}

// appendFields writes what WriteSubset would, unless there is something unusual about
// a field: then it writes nothing.
func (w *response) appendFields(h http.Header, hide map[string]bool) bool {
	var room [32]string
	names := room[:0]
	for name := range h {
		if !hide[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	out := w.out
	for _, name := range names {
		if !isToken(unsafe.Slice(unsafe.StringData(name), len(name))) {
			return false
		}
		for _, v := range h[name] {
			if !isPlainValue(v) {
				return false
			}
			out = append(append(out, name...), ": "...)
			out = append(append(out, v...), "\r\n"...)
		}
	}
	w.out = out
	return true
}

// isPlainValue reports whether v goes out as it is.
func isPlainValue(v string) bool {
	n := len(v)
	return n == 0 || v[0] > ' ' && v[n-1] > ' ' && strings.IndexByte(v, '\n') < 0 && strings.IndexByte(v, '\r') < 0
}

// hide says which of the handler's fields are not sent.
func (w *response) hide() map[string]bool {
	hide := hidden
	switch {
	case w.status == http.StatusNotModified:
		hide = hiddenNotModified
	case !bodyAllowed(w.status):
		hide = hiddenNoBody
	}
	for name := range w.header {
		if w.close && name == "Connection" || strings.HasPrefix(name, http.TrailerPrefix) {
			more := map[string]bool{name: true}
			for h := range hide {
				more[h] = true
			}
			hide = more
		}
	}
	return hide
}

// commit settles the framing and ends the head. The body so far, with next behind
// it, tells the type of content if the handler did not.
func (w *response) commit(next []byte) {
	w.committed = true
	w.chunked = w.length < 0 && !w.isHead && bodyAllowed(w.status)
	if !w.has.date {
		w.out = append(w.out, "Date: "...)
		w.out = time.Now().UTC().AppendFormat(w.out, http.TimeFormat)
		w.out = append(w.out, "\r\n"...)
	}
	if w.added {
		w.out = append(w.out, "Content-Length: "...)
		w.out = strconv.AppendInt(w.out, w.length, 10)
		w.out = append(w.out, "\r\n"...)
	}
	if w.sniffs() && len(w.body)+len(next) > 0 {
		w.out = append(w.out, "Content-Type: "...)
		w.out = append(w.out, http.DetectContentType(w.sample(next))...)
		w.out = append(w.out, "\r\n"...)
	}
	if w.chunked {
		w.out = append(w.out, "Transfer-Encoding: chunked\r\n"...)
	}
	w.out = w.endHead(w.out)
}

// endHead appends the end of the head, and before it whether the connection goes on.
func (w *response) endHead(head []byte) []byte {
	switch {
	case w.close:
		return append(head, endClose...)
	case w.c.server.SayKeepAlive && !w.has.connection:
		return append(head, endKeepAlive...)
	}
	return append(head, endSilent...)
}

// sniffs reports whether the type of content is to be guessed.
func (w *response) sniffs() bool {
	return !w.has.contentType && !w.has.contentEncoding && !w.has.coding && bodyAllowed(w.status)
}

// sample is the beginning of the body.
func (w *response) sample(next []byte) []byte {
	const enough = 512 // for http.DetectContentType
	switch {
	case len(w.body) >= enough || len(next) == 0:
		return w.body
	case len(w.body) == 0:
		return next
	}
	return append(w.body[:len(w.body):len(w.body)], next[:min(len(next), enough)]...)
}
