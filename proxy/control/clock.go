package control

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// Clock is the answer of the clock calls.
type Clock struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"` // of the system's clock, as Go writes durations
}

func (d *Door) clock(*http.Request) (any, error) {
	return Clock{d.Clock.Now().UTC(), d.Clock.Ahead().String()}, nil
}

// Advance is the body of POST clock: one of the two. The clock only goes forward.
type Advance struct {
	Advance string    `json:"advance,omitempty"` // a duration, such as 90s, 24h or 2d
	Set     time.Time `json:"set,omitzero"`      // RFC 3339
}

var errFar = fmt.Errorf("the clock can be at most %d days ahead of the system's", proxy.MaxAhead/(24*time.Hour))

func (d *Door) moveClock(r *http.Request) (any, error) {
	var body Advance
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	if (body.Advance == "") == body.Set.IsZero() {
		return nil, errors.New(`say either {"advance": "24h"} or {"set": "2027-01-01T00:00:00Z"}`)
	}
	if !body.Set.IsZero() {
		if !d.Clock.Set(body.Set) {
			if body.Set.After(d.Clock.Now()) {
				return nil, errFar
			}
			return nil, fmt.Errorf("the clock only goes forward: it is %s already", d.Clock.Now().UTC().Format(time.RFC3339))
		}
		return d.clock(r)
	}
	by, err := distribution.ParseDuration(body.Advance)
	if err != nil {
		return nil, err
	}
	if by <= 0 {
		return nil, errors.New("the clock only goes forward; say a positive duration, such as 24h")
	}
	if !d.Clock.Advance(by) {
		return nil, errFar
	}
	return d.clock(r)
}
