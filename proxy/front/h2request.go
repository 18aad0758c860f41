package front

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
)

// onHeaders is a new request, or what follows the body of one.
func (h *h2) onHeaders(f *http2.MetaHeadersFrame) error {
	if f.StreamID%2 == 0 {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	h.mu.Lock()
	st := h.streams[f.StreamID]
	switch {
	case st != nil:
		defer h.mu.Unlock()
		return h.onTrailers(f, st)
	case h.onItsWay(f.StreamID, f.StreamEnded()):
		known := f.StreamID <= h.last
		h.mu.Unlock()
		if known && !areTrailers(f) {
			return http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeProtocol}
		}
		return nil
	case f.StreamID <= h.last:
		h.mu.Unlock()
		return http2.ConnectionError(http2.ErrCodeStreamClosed)
	}
	h.last = f.StreamID
	h.asked(h.c.now)
	full := len(h.streams) >= h2Streams || h.handlers >= h2Streams
	h.mu.Unlock()
	if f.HasPriority() && f.Priority.StreamDep == f.StreamID { // RFC 7540 §5.3.1
		return http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeProtocol}
	}
	if full {
		return http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeRefusedStream}
	}
	if f.Truncated {
		return h.refuse(f, faultTooLarge)
	}
	return h.request(f)
}

// onTrailers ends a request; what it says is of no account. It needs mu.
func (h *h2) onTrailers(f *http2.MetaHeadersFrame, st *h2stream) error {
	switch {
	case st.received || st.body == nil:
		return http2.StreamError{StreamID: st.id, Code: http2.ErrCodeStreamClosed}
	case !areTrailers(f):
		return http2.StreamError{StreamID: st.id, Code: http2.ErrCodeProtocol}
	}
	if code := st.body.take(nil, true); code != http2.ErrCodeNo {
		return http2.StreamError{StreamID: st.id, Code: code}
	}
	st.received = true
	return nil
}

// areTrailers reports whether a header block may end a request. RFC 9113 §8.1
func areTrailers(f *http2.MetaHeadersFrame) bool {
	return f.StreamEnded() && len(f.PseudoFields()) == 0
}

// request answers a hit, or lets the Handler have the request.
func (h *h2) request(f *http2.MetaHeadersFrame) error {
	s := scratches.Get().(*scratch)
	defer s.release()
	malformed := http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeProtocol}
	if !s.readH2(f) {
		return malformed
	}
	if fault := s.checkAuthority(); fault != nil {
		return h.refuse(f, fault)
	}
	s.RemoteAddr, s.TLS, s.State, s.Received = h.c.remote, true, h.c.tls, h.c.now
	if h.c.server.Hitter != nil && s.forHitter(f) {
		if head, body, ok := h.c.server.Hitter.Hit(s.out[:0], &s.Request); ok {
			h.sendHit(f, s, head, body)
			return nil
		}
	}
	r, fault := s.copyH2(f)
	if fault != nil {
		return malformed
	}
	r.RemoteAddr, r.TLS = h.c.remote, h.c.tls
	return h.handle(f, r)
}

// forHitter reports whether the Hitter may be asked: the same requests as those of
// HTTP/1.1 that are ours.
func (s *scratch) forHitter(f *http2.MetaHeadersFrame) bool {
	switch s.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		return false
	}
	return f.StreamEnded() && s.RequestURI[0] == '/' && !s.handsOn && (s.lengths == 0 || s.length == "0")
}

// readH2 fills the request from a header block, which the framer has checked for
// its characters and pseudo-header fields.
func (s *scratch) readH2(f *http2.MetaHeadersFrame) bool {
	s.known = false // what HTTP/1.1 had read is gone
	s.framing = framing{}
	s.raw, s.values = s.raw[:0], s.values[:0]
	if s.header == nil {
		s.header = make(http.Header, len(f.Fields))
	} else {
		clear(s.header)
	}
	s.Request = Request{Proto: "HTTP/2.0", Header: s.header}
	scheme := ""
	size := 0
	for i := range f.Fields {
		name, value := f.Fields[i].Name, f.Fields[i].Value
		size += len(name) + len(value)
		switch name {
		case ":method":
			s.Method = value
		case ":path":
			s.RequestURI = value
		case ":authority":
			s.Host = value
		case ":scheme":
			scheme = value
		case ":protocol":
			return false // extended CONNECT, which was not offered
		case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": // RFC 9113 §8.2.2
			return false
		case "te":
			if value != "trailers" {
				return false
			}
			s.add("Te", value)
		case "cookie": // RFC 9113 §8.2.3
			if old := s.header["Cookie"]; old != nil {
				old[0] += "; " + value
				continue
			}
			s.add("Cookie", value)
		case "host":
			s.host = value
			s.hosts++
		default:
			s.add(http.CanonicalHeaderKey(name), value)
		}
	}
	if s.Host == "" {
		s.Host = s.host
	} else if s.hosts == 1 && !sameHost(s.Host, s.host, scheme) {
		s.hosts++
	}
	s.fixPragma()
	s.HeadBytes = size
	s.chattered = len(s.header) > keepFields
	return s.soundTarget(scheme)
}

// sameHost reports whether :authority and Host are one. RFC 9113 §8.3.1
func sameHost(a, b, scheme string) bool {
	port := map[string]string{"http": ":80", "https": ":443"}[scheme]
	return strings.EqualFold(strings.TrimSuffix(a, port), strings.TrimSuffix(b, port))
}

// checkAuthority wants exactly one host. [ERR-18]
func (s *scratch) checkAuthority() *Fault {
	switch {
	case s.hosts > 1:
		return faultHosts
	case s.Host == "":
		return faultNoHost
	case !isHost(s.Host):
		return faultHost
	}
	return nil
}

// soundTarget checks the pseudo-header fields. RFC 9113 §8.3.1
func (s *scratch) soundTarget(scheme string) bool {
	if s.Method == http.MethodConnect {
		s.RequestURI = s.Host
		return scheme == "" && s.Host != ""
	}
	if !isToken([]byte(s.Method)) || scheme != "https" && scheme != "http" || s.RequestURI == "" {
		return false
	}
	s.Path, s.RawQuery, _ = strings.Cut(s.RequestURI, "?")
	if s.RequestURI == "*" {
		return s.Method == http.MethodOptions
	}
	if s.RequestURI[0] != '/' || strings.IndexByte(s.RequestURI, ' ') >= 0 {
		return false
	}
	l := requestLine{method: []byte("GET"), target: []byte(s.RequestURI)}
	return l.readTarget() == nil
}

// copyH2 makes a request for the Handler in memory of its own.
func (s *scratch) copyH2(f *http2.MetaHeadersFrame) (*http.Request, *Fault) {
	r := blank.WithContext(context.Background())
	r.Method, r.RequestURI, r.Host = s.Method, s.RequestURI, s.Host
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
	r.Header, r.Body = s.header.Clone(), http.NoBody
	if s.Method == http.MethodConnect {
		r.URL = &url.URL{Host: s.Host}
	} else {
		u, err := url.ParseRequestURI(s.RequestURI)
		if err != nil {
			return nil, faultTarget
		}
		r.URL = u
	}
	declared := int64(-1)
	if v := s.header["Content-Length"]; v != nil {
		n, err := strconv.ParseUint(v[0], 10, 63)
		if err != nil || len(v) > 1 || f.StreamEnded() && n > 0 {
			return nil, faultLength
		}
		declared = int64(n)
	}
	if !f.StreamEnded() {
		r.ContentLength = declared
	}
	return r, nil
}

// sendHit sends what the Hitter gave, and lets the rest of it wait for its turn.
func (h *h2) sendHit(f *http2.MetaHeadersFrame, s *scratch, head, body []byte) {
	s.out = head
	if s.Method == http.MethodHead {
		body = nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h2stream{id: f.StreamID, window: h.initial, head: head, rest: body, note: note{what: s.Note}, received: true}
	if len(h.out) < h2FlushBytes {
		if n := h.sendRest(&st); h.blocked() {
			h.took(n)
		}
	}
	if st.head == nil && len(st.rest) == 0 {
		h.answered(st.note)
		return
	}
	waits := st // only this one is kept
	waits.head = bytes.Clone(st.head)
	h.streams[st.id] = &waits
	h.queue = append(h.queue, &waits)
}

// refuse answers a request that was refused before it was understood.
func (h *h2) refuse(f *http2.MetaHeadersFrame, fault *Fault) error {
	told := *fault
	told.RemoteAddr, told.TLS = h.c.remote, true
	answer := h.c.server.Refuse
	if answer == nil {
		answer = plainRefusal
	}
	head, body := answer(nil, told)
	if f.PseudoValue("method") == http.MethodHead {
		body = nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	st := &h2stream{id: f.StreamID, window: h.initial, head: head, rest: body, received: true}
	h.sendRest(st)
	switch {
	case !f.StreamEnded():
		h.resetStream(st.id, http2.ErrCodeNo)
	case len(st.rest) > 0:
		h.streams[st.id] = st
		h.queue = append(h.queue, st)
	}
	return nil
}
