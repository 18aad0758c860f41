// Package fault makes an origin fail as a test wants it to.
//
// It stands between the edge and an origin and has toxiproxy's words for what can
// go wrong, with their units: milliseconds, bytes, KB/s. Time is network time,
// that of timers and contexts; what the edge would give up, it gives up after the
// origin's own timeouts and attempts.
package fault

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
)

// Kind is what goes wrong. All but Status and Truncate are toxics of toxiproxy.
type Kind string

const (
	Latency   Kind = "latency"    // the answer comes later, by Latency ± Jitter
	Timeout   Kind = "timeout"    // no answer; the connection closes after Timeout, with 0 not before the fault is deleted
	ResetPeer Kind = "reset_peer" // the connection is reset before an answer, after Timeout
	LimitData Kind = "limit_data" // the connection breaks off when Bytes of the body have come
	Truncate  Kind = "truncate"   // the body ends after Bytes as if it were whole: nothing told its length [COND-12]
	Bandwidth Kind = "bandwidth"  // the body comes at no more than Rate
	SlowClose Kind = "slow_close" // the end of a body of untold length comes Delay later
	Status    Kind = "status"     // the origin is not asked; the answer has Status
	anyKind        = "latency, timeout, reset_peer, limit_data, truncate, bandwidth, slow_close or status"
)

// Bounds of a [Set]. Ours.
const (
	MaxFaults = 256
	maxMillis = 24 * 60 * 60 * 1000 // a day
	maxName   = 128
)

// Fault is one thing that goes wrong with an origin. The zero values of what
// chooses requests choose all of them.
type Fault struct {
	Name         string  `json:"name"`                   // unique; default: the type, with a number when it is taken
	Type         Kind    `json:"type"`                   //
	Distribution string  `json:"distribution,omitempty"` // id; "": all
	Origin       string  `json:"origin,omitempty"`       // id; "": all
	Path         string  `json:"path,omitempty"`         // pattern as of a cache behavior; "": all
	Toxicity     float64 `json:"toxicity"`               // how probable it is for a request, above 0 to 1
	// Times is how many requests it strikes; 0: all until it is deleted.
	Times      int64      `json:"times,omitempty"`
	Seed       string     `json:"seed,omitempty"` // of toxicity and jitter; with the name it gives the same draws again
	Attributes Attributes `json:"attributes"`
}

// Attributes say how bad it is. Which ones count depends on the type; others must
// be zero.
type Attributes struct {
	Latency int64  `json:"latency,omitempty"` // ms, 0 to a day
	Jitter  int64  `json:"jitter,omitempty"`  // ms, 0 to a day
	Timeout int64  `json:"timeout,omitempty"` // ms, 0 to a day
	Bytes   int64  `json:"bytes,omitempty"`   // of the body, from 0 on
	Rate    int64  `json:"rate,omitempty"`    // KB/s, from 1 on; a KB is 1,000 bytes
	Delay   int64  `json:"delay,omitempty"`   // ms, 0 to a day
	Status  int    `json:"status,omitempty"`  // 200 to 599
	Body    string `json:"body,omitempty"`    // with Status; default: a line that names the fault
}

// ErrTaken and ErrTooMany are why a [Set] refuses a fault that is right in itself.
var (
	ErrTaken   = errors.New("there is a fault of this name already")
	ErrTooMany = fmt.Errorf("there are %d faults already; delete some", MaxFaults)
)

// kinds has what counts for each type.
var kinds = map[Kind]struct {
	fields string
	check  func(*Attributes) error
}{
	Latency: {"latency jitter", func(a *Attributes) error {
		if a.Latency == 0 && a.Jitter == 0 {
			return errors.New("attributes: latency: say how many milliseconds, such as 500")
		}
		return nil
	}},
	Timeout:   {"timeout", nil},
	ResetPeer: {"timeout", nil},
	LimitData: {"bytes", nil},
	Truncate:  {"bytes", nil},
	Bandwidth: {"rate", func(a *Attributes) error {
		if a.Rate < 1 {
			return errors.New("attributes: rate: say how many KB/s, from 1 on")
		}
		return nil
	}},
	SlowClose: {"delay", nil},
	Status: {"status body", func(a *Attributes) error {
		if a.Status < 200 || a.Status > 599 {
			return fmt.Errorf("attributes: status: %d is not 200 to 599", a.Status)
		}
		return nil
	}},
}

// check says what is wrong with f, by the path of the setting.
func (f *Fault) check() error {
	kind, ok := kinds[f.Type]
	switch {
	case !ok:
		return fmt.Errorf("type: %q is none of %s", f.Type, anyKind)
	case len(f.Name) > maxName || strings.ContainsFunc(f.Name, func(r rune) bool { return r <= ' ' || r == '/' || r > '~' }):
		return fmt.Errorf("name: %q has more than %d characters, or a blank, a slash or one outside ASCII", f.Name, maxName)
	case !(f.Toxicity > 0 && f.Toxicity <= 1): // NaN, too
		return fmt.Errorf("toxicity: %v is not above 0 and at most 1", f.Toxicity)
	case f.Times < 0:
		return fmt.Errorf("times: %d is below 0; leave it out for all requests", f.Times)
	}
	for _, field := range f.Attributes.fields() {
		switch {
		case field.n != 0 && !slices.Contains(strings.Fields(kind.fields), field.name):
			return fmt.Errorf("attributes: %s has no %s, only: %s", f.Type, field.name, kind.fields)
		case field.n < 0 || field.n > field.most:
			return fmt.Errorf("attributes: %s: %d is not 0 to %d", field.name, field.n, field.most)
		}
	}
	if kind.check != nil {
		return kind.check(&f.Attributes)
	}
	return nil
}

// field is an attribute as a number.
type field struct {
	name    string
	n, most int64
}

func (a *Attributes) fields() []field {
	return []field{
		{"latency", a.Latency, maxMillis}, {"jitter", a.Jitter, maxMillis}, {"timeout", a.Timeout, maxMillis}, {"delay", a.Delay, maxMillis},
		{"bytes", a.Bytes, math.MaxInt64}, {"rate", a.Rate, math.MaxInt32}, {"status", int64(a.Status), 599},
		{"body", int64(len(a.Body)), 64 << 10},
	}
}

// String is what f does on a line, "latency latency=500 jitter=50".
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(string(f.Type))
	for _, field := range f.Attributes.fields() {
		if field.n != 0 && field.name != "body" {
			fmt.Fprintf(&b, " %s=%d", field.name, field.n)
		}
	}
	if f.Attributes.Body != "" {
		fmt.Fprintf(&b, " body=%q", f.Attributes.Body)
	}
	return b.String()
}

// failure is what an injected error says, so that a log tells it from a real one.
func (f *Fault) failure(what string) error { return fmt.Errorf("%s (fault %s)", what, f.Name) }

// bodyless reports whether an answer with this status has no body.
func bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}
