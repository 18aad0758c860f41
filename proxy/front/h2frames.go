package front

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"golang.org/x/net/http2"
)

// survives deals with what was wrong, and reports whether the connection goes on.
func (h *h2) survives(err error) bool {
	var stream http2.StreamError
	if errors.As(err, &stream) {
		if err = h.survivesReset(stream); err == nil {
			return true
		}
	}
	code := http2.ErrCodeNo
	var conn http2.ConnectionError
	switch {
	case errors.As(err, &conn):
		code = http2.ErrCode(conn)
	case errors.Is(err, http2.ErrFrameTooLarge):
		code = http2.ErrCodeFrameSize
	case !timedOut(err):
		return false // the viewer has left
	}
	h.mu.Lock()
	idle := code == http2.ErrCodeNo && !h.leaving
	h.sayGoAway(code)
	h.mu.Unlock()
	if h.flush() == nil && !idle {
		h.goodbye()
	}
	return false
}

// survivesReset resets a stream on which something was wrong. A viewer can have us do
// that instead of resetting it himself, so it counts as if he had.
func (h *h2) survivesReset(stream http2.StreamError) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if st := h.streams[stream.StreamID]; st != nil {
		h.abandon(st, stream)
		h.forgetReset(st)
	}
	h.resetStream(stream.StreamID, stream.Code)
	return h.countReset()
}

// countReset needs mu.
func (h *h2) countReset() error {
	if h.resets++; h.resets > h2Resets {
		return http2.ConnectionError(http2.ErrCodeEnhanceYourCalm)
	}
	return nil
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// forgetReset forgets a stream that was reset; its handler may still run, and is
// counted until it returns. It needs mu.
func (h *h2) forgetReset(st *h2stream) {
	h.drop(st)
	if i := slices.Index(h.queue, st); i >= 0 {
		h.queue = slices.Delete(h.queue, i, i+1)
		h.tell(st.note, http.ErrAbortHandler)
	}
	if st.body != nil {
		h.giveBack(st.body.discard())
	}
}

func (h *h2) process(f http2.Frame) error {
	switch f := f.(type) {
	case *http2.MetaHeadersFrame:
		return h.onHeaders(f)
	case *http2.DataFrame:
		return h.onData(f)
	case *http2.WindowUpdateFrame:
		return h.onWindow(f)
	case *http2.SettingsFrame:
		return h.onSettings(f)
	case *http2.RSTStreamFrame:
		return h.onReset(f)
	case *http2.PingFrame:
		if !f.IsAck() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.out = append(h.frame(8, http2.FramePing, http2.FlagPingAck, 0), f.Data[:]...)
		}
	case *http2.PriorityFrame:
		if f.StreamDep == f.StreamID { // RFC 7540 §5.3.1
			return http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeProtocol}
		}
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	return nil // GOAWAY: he opens no more; unknown frames are ignored
}

func (h *h2) onSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.NumSettings() > 100 { // as net/http
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	err := f.ForeachSetting(func(s http2.Setting) error {
		if err := s.Valid(); err != nil {
			return err
		}
		switch s.ID {
		case http2.SettingHeaderTableSize:
			h.resized = true
		case http2.SettingInitialWindowSize:
			return h.resize(int64(s.Val))
		}
		return nil
	})
	if err != nil {
		return err
	}
	h.out = h.frame(0, http2.FrameSettings, http2.FlagSettingsAck, 0)
	h.pump()
	return nil
}

// resize changes the windows of all streams. RFC 9113 §6.9.2. It needs mu.
func (h *h2) resize(initial int64) error {
	by := initial - h.initial
	h.initial = initial
	for _, st := range h.streams {
		if st.window += by; st.window > h2MostWindow {
			return http2.ConnectionError(http2.ErrCodeFlowControl)
		}
	}
	h.changed.Broadcast()
	return nil
}

func (h *h2) onWindow(f *http2.WindowUpdateFrame) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.StreamID == 0 {
		if h.window += int64(f.Increment); h.window > h2MostWindow {
			return http2.ConnectionError(http2.ErrCodeFlowControl)
		}
	} else if st := h.streams[f.StreamID]; st != nil {
		if st.window += int64(f.Increment); st.window > h2MostWindow {
			return http2.StreamError{StreamID: st.id, Code: http2.ErrCodeFlowControl}
		}
	} else if h.unopened(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	h.changed.Broadcast()
	h.pump()
	return nil
}

// unopened reports whether the viewer has not opened a stream. What he opens when he has
// been told not to is of no account. RFC 9113 §6.8. It needs mu.
func (h *h2) unopened(id uint32) bool { return id > h.last && !h.leaving }

// onItsWay reports whether a frame for a stream that is not open may be none of a viewer
// who breaks the rules: he had sent it before he learned that we reset the stream, or that
// he was to open no more. What he ends himself is over for him, too. RFC 9113 §5.1, §6.8.
// It needs mu.
func (h *h2) onItsWay(id uint32, ends bool) bool {
	i := slices.Index(h.dropped, id)
	if i >= 0 && ends {
		h.dropped[i] = 0 // no stream has this number
	}
	return i >= 0 || id > h.last && h.leaving
}

func (h *h2) onReset(f *http2.RSTStreamFrame) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unopened(f.StreamID) {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if st := h.streams[f.StreamID]; st != nil {
		h.abandon(st, http.ErrAbortHandler)
		h.forgetReset(st)
	} else {
		h.onItsWay(f.StreamID, true)
	}
	return h.countReset()
}

func (h *h2) onData(f *http2.DataFrame) error {
	n := int64(f.Length)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.owed -= n; h.owed < 0 {
		return http2.ConnectionError(http2.ErrCodeFlowControl)
	}
	st := h.streams[f.StreamID]
	if st == nil || st.received || st.body == nil {
		if h.unopened(f.StreamID) {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		h.giveBack(n)
		if st == nil && h.onItsWay(f.StreamID, f.StreamEnded()) {
			return nil
		}
		return http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeStreamClosed}
	}
	data := f.Data()
	h.giveBack(n - int64(len(data))) // padding
	if err := st.body.take(data, f.StreamEnded()); err != http2.ErrCodeNo {
		h.giveBack(int64(len(data)))
		return http2.StreamError{StreamID: st.id, Code: err}
	}
	if pad := n - int64(len(data)); pad > 0 && !f.StreamEnded() {
		h.out = appendUint32(h.frame(4, http2.FrameWindowUpdate, 0, st.id), uint32(pad))
	}
	st.received = f.StreamEnded()
	return nil
}

// giveBack lets the viewer send n bytes more. He is told when that is worth a frame, of
// less when he can send nothing else, and then it reports true. It needs mu.
func (h *h2) giveBack(n int64) bool {
	if h.credit += n; h.credit < h2ConnWindow/4 && (!h.full() || h.credit < h2MaxFrame) {
		return false
	}
	if h.full() {
		h.room = time.Now()
	}
	h.out = appendUint32(h.frame(4, http2.FrameWindowUpdate, 0, 0), uint32(h.credit))
	h.owed += h.credit
	h.credit = 0
	return true
}
