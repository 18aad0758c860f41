package fault

import (
	"strings"
	"time"
)

// harm is what the faults that strike one request do to it together.
type harm struct {
	delay  time.Duration // before anything else
	hold   *set          // no answer until it is gone; nil: none
	after  time.Duration // of hold, or of reset: then the connection closes; of hold, 0: it does not
	reset  *set          // the connection is reset
	status *set          // this answers
	cut    *set          // the body breaks off, at cutAt
	short  *set          // the body ends, at shortAt

	cutAt, shortAt int64
	rate           int64         // bytes a second; 0: as fast as it comes
	linger         time.Duration // the end comes later
	names          []string
}

// add is the harm of one more fault; where two of a type strike, the worse counts.
func (h *harm) add(a *set, jitter float64) {
	h.names = append(h.names, a.Name)
	at := &a.Attributes
	switch a.Type {
	case Latency:
		h.delay += max(0, millis(at.Latency)+time.Duration(jitter*float64(millis(at.Jitter))))
	case Timeout:
		if h.hold == nil {
			h.hold, h.after = a, millis(at.Timeout)
		}
	case ResetPeer:
		if h.reset == nil {
			h.reset, h.delay = a, h.delay+millis(at.Timeout)
		}
	case Status:
		if h.status == nil {
			h.status = a
		}
	case LimitData:
		if h.cut == nil || at.Bytes < h.cutAt {
			h.cut, h.cutAt = a, at.Bytes
		}
	case Truncate:
		if h.short == nil || at.Bytes < h.shortAt {
			h.short, h.shortAt = a, at.Bytes
		}
	case Bandwidth:
		if rate := at.Rate * 1000; h.rate == 0 || rate < h.rate {
			h.rate = rate
		}
	case SlowClose:
		h.linger += millis(at.Delay)
	}
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func (h *harm) String() string { return strings.Join(h.names, ", ") }

// atBody reports whether a body has to be watched.
func (h *harm) atBody() bool { return h.cut != nil || h.short != nil || h.rate > 0 || h.linger > 0 }
