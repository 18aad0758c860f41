package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"staleproof/proxy/distribution"
	"staleproof/proxy/origin"
)

// Target is whom a request is for.
type Target struct {
	Distribution string // id
	Origin       *distribution.Origin
	Next         http.RoundTripper
}

var errSilent = errors.New("no packet within the response timeout")

// RoundTrip sends req to the target through the faults that are set and concern
// it, and names those that struck, "" for none.
//
// What a fault holds back longer than the origin's response timeout is given up as
// the edge gives up a silent origin, and a GET or HEAD is sent again up to the
// origin's connection attempts [ORG-14], [ORG-15], [ORG-16]. What is held back
// before it is sent never reaches the origin when it is given up.
func (s *Set) RoundTrip(to Target, req *http.Request) (res *http.Response, struck string, err error) {
	tries := 1
	if (req.Method == http.MethodGet || req.Method == http.MethodHead) && (req.Body == nil || req.Body == http.NoBody) {
		tries = cmp.Or(to.Origin.ConnectionAttempts, defaultAttempts)
	}
	var said []string
	for try := 1; ; try++ {
		h := s.strike(to, req)
		if h == nil {
			res, err = to.Next.RoundTrip(req)
			return res, strings.Join(said, ", "), err
		}
		said = append(said, h.String())
		sent := false
		res, sent, err = h.roundTrip(to, req)
		var failed *origin.Error
		if sent || try == tries || !errors.As(err, &failed) || !failed.Timeout {
			return res, strings.Join(said, ", "), err
		}
	}
}

// Defaults of an origin that leaves its settings out. [ORG-13], [ORG-14]
const (
	defaultAttempts    = 3
	defaultReadTimeout = 30 * time.Second
)

// strike is what the faults do to req; nil: nothing.
func (s *Set) strike(to Target, req *http.Request) *harm {
	var h *harm
	path := cmp.Or(req.URL.RawPath, req.URL.Path)
	for _, a := range s.all() {
		if !a.concerns(to.Distribution, to.Origin.ID, path) {
			continue
		}
		jitter, strikes := a.strike()
		if !strikes {
			continue
		}
		if h == nil {
			h = &harm{}
		}
		h.add(a, jitter)
	}
	return h
}

// roundTrip sends req once, if at all; sent says so.
func (h *harm) roundTrip(to Target, req *http.Request) (res *http.Response, sent bool, err error) {
	fail := func(timeout bool, err error) error {
		return &origin.Error{Origin: to.Origin.ID, Phase: origin.Head, Timeout: timeout, Err: err}
	}
	patience := cmp.Or(to.Origin.ReadTimeout, defaultReadTimeout)
	silent := fail(true, fmt.Errorf("%w (fault %s)", errSilent, h))
	if err := wait(req.Context(), min(h.delay, patience), nil); err != nil {
		return nil, false, fail(false, err)
	}
	if h.delay >= patience {
		return nil, false, silent
	}
	if h.hold != nil {
		left := patience - h.delay
		limit := left
		if h.after > 0 {
			limit = min(left, h.after)
		}
		switch err := wait(req.Context(), limit, h.hold.gone); {
		case err == errReleased:
		case err != nil:
			return nil, false, fail(false, err)
		case limit == left:
			return nil, false, silent
		default:
			return nil, false, fail(false, fmt.Errorf("%w: %w", origin.ErrClosed, h.hold.failure("nothing was said")))
		}
	}
	switch {
	case h.reset != nil:
		return nil, false, fail(false, fmt.Errorf("%w: %w", origin.ErrClosed, h.reset.failure("connection reset by peer")))
	case h.status != nil:
		res = h.status.answer(req)
	default:
		if res, err = to.Next.RoundTrip(req); err != nil {
			return nil, true, err
		}
	}
	if h.atBody() && res.StatusCode != http.StatusSwitchingProtocols {
		h.spoil(res, to, req.Context(), patience)
	}
	return res, true, nil
}

// answer is what a Status fault says in the place of the origin.
func (f *Fault) answer(req *http.Request) *http.Response {
	status := f.Attributes.Status
	body := cmp.Or(f.Attributes.Body, fmt.Sprintf("%d %s: fault %s\n", status, http.StatusText(status), f.Name))
	if bodyless(status) {
		body = ""
	}
	res := &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {strconv.Itoa(len(body))}, "Server": {"staleproof fault"},
		},
		ContentLength: int64(len(body)), Body: http.NoBody, Request: req,
	}
	if req.Method != http.MethodHead && body != "" {
		res.Body = io.NopCloser(strings.NewReader(body))
	}
	if req.Body != nil {
		req.Body.Close() // as a RoundTripper must
	}
	return res
}

// errReleased is why a wait ended early: its fault was deleted.
var errReleased = errors.New("released")

// wait waits for d in network time, or less: until ctx ends or release is closed.
func wait(ctx context.Context, d time.Duration, release <-chan struct{}) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-release:
		return errReleased
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
