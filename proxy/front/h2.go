package front

import (
	"bufio"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"staleproof/proxy/ending"
)

// Limits of a connection over HTTP/2. CloudFront does not document its own.
const (
	h2Streams      = 128       // open at once, and handlers running, those of streams that were reset included
	h2StreamWindow = 256 << 10 // of a request body that the handler has not read
	h2ConnWindow   = 1 << 20   // of all of them
	h2MaxFrame     = 16 << 10  // of ours and of theirs, the least that everybody takes
	h2FlushBytes   = 32 << 10  // answers are collected up to this, while there are requests to read
	h2MostBytes    = 128 << 10 // of frames to be sent; then no more are read
	h2Resets       = 1000      // by the viewer, more than there were answers; then he is sent away
	h2ReadBytes    = 4 << 10
	h2StartWindow  = 65535 // RFC 9113 §6.9.2
	h2MostWindow   = 1<<31 - 1
)

// h2 is a viewer's connection over HTTP/2. Frames are read and answered by the
// goroutine of the conn, which serves hits by itself; each other request has a
// goroutine for its Handler.
//
// Who reads frames does not send any, since a viewer may read none until his own are
// through. As many hits as have arrived go out with one write, by another goroutine.
//
// Nothing of what it sends is in HPACK's dynamic table, so header blocks may be made
// and sent in any order, and no memory is held for it.
type h2 struct {
	c      *conn
	framer *http2.Framer
	in     *bufio.Reader

	pushes sync.WaitGroup // goroutines that send for the one that reads: at most one

	mu       sync.Mutex // guards what follows
	changed  *sync.Cond // of mu: a window grew, a stream ended, the connection did
	sent     *sync.Cond // of mu: sending is over
	sending  bool       // bytes go out, by one at a time
	sends    int        // begun
	failed   error      // of the last that is over
	out      []byte     // frames to be sent
	told     []note     // hits among them
	streams  map[uint32]*h2stream
	queue    []*h2stream // hits that wait for a window, the oldest first
	waiting  int         // handlers that do
	handlers int         // running
	last     uint32      // the highest stream the viewer has opened
	window   int64       // how much may be sent
	initial  int64       // for a new stream
	credit   int64       // of request bodies read, not yet told the viewer
	owed     int64       // what the viewer may still send
	room     time.Time   // since then, after he could not; zero: always
	resets   int
	dropped  []uint32 // streams that we reset, the last h2Streams of them
	oldest   int      // of dropped, once it is full
	greeted  bool     // our preface is out, or in out
	resized  bool     // the size of the dynamic table is to be said
	pushing  bool     // there is one of pushes
	leaving  bool     // GOAWAY was sent
	ended    bool
	armed    deadline
	armedAt  time.Time // what it was set to
	moved    time.Time // when he last asked something, or took something that waited for him
	patience           // of what waits for him
	parting  bool      // the one that reads says goodbye
	reading  bool      // a frame that has begun, with a deadline of its own
}

// note is of a hit that is about to be sent.
type note struct {
	what  any
	bytes int64
}

// h2stream is a stream that was not answered at once. Guarded by h2.mu.
type h2stream struct {
	id       uint32
	window   int64
	head     []byte // of a hit, not sent yet
	rest     []byte // of a hit's body
	note     note   // of that hit
	handled  bool   // a Handler has it
	received bool   // all of the request
	answered bool   // by a Handler: the head is in out, or was
	reset    bool
	body     *h2body         // of the request; nil: none
	life     *ending.Context // of the request of a Handler
}

func newH2(c *conn) *h2 {
	h := &h2{
		c: c, streams: map[uint32]*h2stream{}, window: h2StartWindow, initial: h2StartWindow, owed: h2ConnWindow,
		in: bufio.NewReaderSize(c.rwc, h2ReadBytes), patience: newPatience(c.server.writeTimeout()),
	}
	h.changed, h.sent = sync.NewCond(&h.mu), sync.NewCond(&h.mu)
	h.framer = http2.NewFramer(nil, h.in)
	h.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	h.framer.MaxHeaderListSize = uint32(c.server.maxHeaderBytes())
	h.framer.SetMaxReadFrameSize(h2MaxFrame)
	h.framer.SetReuseFrames()
	return h
}

// serve serves the connection to its end and waits for its handlers.
func (h *h2) serve() {
	defer h.end()
	if !h.greet() {
		return
	}
	for first := true; ; first = false {
		if !h.ready() {
			return
		}
		f, err := h.framer.ReadFrame()
		h.c.now = time.Now()
		var stream http2.StreamError
		switch {
		case !errors.As(err, &stream):
		case stream.Cause == nil: // not decoded, and who knows of what stream. RFC 9113 §4.3, §5.4.2
			err = http2.ConnectionError(stream.Code)
		default:
			h.opened(stream.StreamID) // by a header block that is no request
		}
		if err == nil {
			if _, settings := f.(*http2.SettingsFrame); first && !settings {
				err = http2.ConnectionError(http2.ErrCodeProtocol)
			} else {
				err = h.process(f)
			}
		}
		if err != nil && !h.survives(err) {
			return
		}
	}
}

// opened takes note of a stream that the viewer has opened.
func (h *h2) opened(id uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.leaving {
		h.last = max(h.last, id)
	}
}

// greet reads the preface and sends ours.
func (h *h2) greet() bool {
	h.c.now = time.Now()
	h.c.arm(headDeadline)
	var preface [len(http2.ClientPreface)]byte
	for n := 0; n < len(preface); {
		m, err := h.in.Read(preface[n:])
		if n += m; err != nil || string(preface[:n]) != http2.ClientPreface[:n] {
			return false
		}
	}
	h.c.now = time.Now()
	h.mu.Lock()
	h.greeted, h.moved, h.armed = true, h.c.now, headDeadline
	b := h.frame(6*4, http2.FrameSettings, 0, 0)
	b = appendSetting(b, http2.SettingMaxConcurrentStreams, h2Streams)
	b = appendSetting(b, http2.SettingInitialWindowSize, h2StreamWindow)
	b = appendSetting(b, http2.SettingMaxHeaderListSize, uint32(h.c.server.maxHeaderBytes()))
	h.out = appendSetting(b, http2.SettingEnablePush, 0)
	h.out = appendUint32(h.frame(4, http2.FrameWindowUpdate, 0, 0), h2ConnWindow-h2StartWindow)
	weak := !h.c.strongEnough()
	if weak {
		h.sayGoAway(http2.ErrCodeInadequateSecurity)
	}
	h.mu.Unlock()
	if weak {
		h.flush()
	}
	return !weak
}

// ready reports whether there is a frame to be read. Before it waits for one, all
// answers are on their way.
func (h *h2) ready() bool {
	whole := h.wholeFrame()
	h.mu.Lock()
	for len(h.out) >= h2MostBytes { // of answers that could not be put off
		h.mu.Unlock()
		if h.flush() != nil {
			return false
		}
		h.mu.Lock()
		h.pump()
	}
	if !whole {
		h.pump() // a handler may have sent what there was no room behind
	}
	if len(h.out) >= h2FlushBytes || !whole && len(h.out) > 0 {
		h.push()
	}
	over := h.over()
	if !whole {
		h.reading = false
		if !h.pushing {
			h.arm()
		}
	}
	h.mu.Unlock()
	if over {
		h.goodbye()
		return false
	}
	if !whole {
		h.awaitFrame()
	}
	return true
}

// frameHead is how long the head of a frame is. RFC 9113 §4.1
const frameHead = 9

// wholeFrame reports whether the next frame is in the buffer, and is not the
// beginning of a longer header block.
func (h *h2) wholeFrame() bool {
	if h.in.Buffered() < frameHead {
		return false
	}
	b, _ := h.in.Peek(frameHead)
	t, flags := http2.FrameType(b[3]), http2.Flags(b[4])
	if t == http2.FrameHeaders && !flags.Has(http2.FlagHeadersEndHeaders) {
		return false
	}
	return h.in.Buffered() >= frameHead+(int(b[0])<<16|int(b[1])<<8|int(b[2]))
}

// awaitFrame waits for the first byte of a frame, and sets a deadline for the others:
// a viewer who has streams open may have all the time he wants, but not in the middle
// of a frame.
func (h *h2) awaitFrame() {
	_, err := h.in.Peek(1)
	for err != nil && timedOut(err) && h.patient() {
		_, err = h.in.Peek(1)
	}
	if err != nil || h.wholeFrame() {
		return // whoever reads it learns of the error
	}
	wait := h.c.server.readHeaderTimeout()
	if n := min(h.in.Buffered(), frameHead); n > 3 {
		if b, _ := h.in.Peek(n); http2.FrameType(b[3]) == http2.FrameData {
			wait = h.c.server.bodyTimeout()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reading = true
	h.setDeadline(headDeadline, time.Now(), wait)
}

// patient reports whether the viewer has more time than the read deadline that is over:
// nobody has set another since, or he is being sent something.
func (h *h2) patient() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pushing || h.sending {
		h.setDeadline(noDeadline, noTime, 0)
	} else {
		h.arm()
	}
	return h.armedAt.IsZero() || h.armedAt.After(time.Now())
}

// arm sets the read deadline: the viewer's time to ask something, or to take
// something. It counts from when he last did so, whatever else he sends. It needs mu,
// so that the last one to set it knows best.
func (h *h2) arm() {
	switch {
	case h.parting: // for a moment only
	case h.over():
		h.setDeadline(idleDeadline, time.Unix(0, 0), time.Second) // wakes the one that reads
	case h.reading: // for a moment only
	case h.blocked():
		h.setDeadline(doubtDeadline, h.moved, h.left)
	case len(h.streams) == 0 && h.handlers == 0:
		h.setDeadline(idleDeadline, h.moved, h.c.server.idleTimeout())
	default:
		h.setDeadline(noDeadline, noTime, 0)
	}
}

// setDeadline sets it to wait after since, unless it is about that already, so that a
// busy connection sets few; a wait of 0 is for ever. It needs mu.
func (h *h2) setDeadline(d deadline, since time.Time, wait time.Duration) {
	var at time.Time
	if wait > 0 {
		at = since.Add(wait)
	}
	if by := at.Sub(h.armedAt); d == h.armed && by >= 0 && (by == 0 || by < slack(wait)) {
		return
	}
	h.c.rwc.SetReadDeadline(at)
	h.armed, h.armedAt = d, at
}

// over reports whether the connection is to be closed: it is leaving, has no streams, and
// nothing is on its way. It needs mu.
func (h *h2) over() bool {
	return h.leaving && len(h.streams) == 0 && len(h.out) == 0 && !h.sending
}

// goodbye waits a little for the viewer to leave: what he says of the last answer while he
// takes it would have the system take back the rest. It is for the one that reads.
func (h *h2) goodbye() {
	h.mu.Lock()
	h.parting = true
	h.mu.Unlock()
	h.c.linger()
}

// blocked reports whether something waits for the viewer to take it. It needs mu.
func (h *h2) blocked() bool { return h.waiting > 0 || len(h.queue) > 0 }

// asked takes note that the viewer has asked something, or is done with it. It needs
// mu.
func (h *h2) asked(now time.Time) {
	if !h.blocked() {
		h.moved = now
	}
}

// took takes note of n bytes of what waited, which the viewer has let through. It
// needs mu.
func (h *h2) took(n int) {
	if n > 0 {
		now := time.Now()
		h.waited(now.Sub(h.moved), n)
		h.moved = now
	}
}

// end closes the connection for everybody on it.
func (h *h2) end() {
	h.pushes.Wait() // he may have ended his side alone
	h.c.rwc.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for _, st := range h.streams {
		h.abandon(st, http.ErrAbortHandler)
	}
	for _, st := range h.queue {
		h.tell(st.note, http.ErrAbortHandler)
	}
	for _, n := range h.told { // nobody is left to send them
		h.tell(n, http.ErrAbortHandler)
	}
	h.queue, h.told = nil, nil
	h.changed.Broadcast()
	for h.handlers > 0 {
		h.changed.Wait()
	}
}

// goAway tells the viewer to open no more streams. When there are none, the connection is
// closed by the one that reads, which may be about to answer a request.
func (h *h2) goAway(code http2.ErrCode) {
	h.mu.Lock()
	greeted := h.greeted
	if greeted {
		h.sayGoAway(code)
	}
	h.mu.Unlock()
	if !greeted {
		h.c.rwc.Close()
		return
	}
	h.flush()
}

// sayGoAway needs mu.
func (h *h2) sayGoAway(code http2.ErrCode) {
	if h.leaving && code == http2.ErrCodeNo {
		return
	}
	h.leaving = true
	h.out = appendUint32(appendUint32(h.frame(8, http2.FrameGoAway, 0, 0), h.last), uint32(code))
}

// drop forgets a stream. It needs mu.
func (h *h2) drop(st *h2stream) {
	delete(h.streams, st.id)
	h.changed.Broadcast()
}

// abandon tells a handler that its viewer has gone. It needs mu.
func (h *h2) abandon(st *h2stream, why error) {
	st.reset = true
	if st.body != nil {
		st.body.fail(why)
	}
	if st.life != nil {
		st.life.End(nil)
	}
	h.changed.Broadcast()
}
