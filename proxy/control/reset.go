package control

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

var errNoBody = errors.New("reset takes nothing: send no body, or {}")

// Reset is the answer of POST reset.
type Reset struct {
	Faults int `json:"faults"` // how many were deleted
}

// reset makes everything as it was at the start but the clock, which only goes
// forward, and the distributions that are served.
func (d *Door) reset(r *http.Request) (any, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if s := strings.TrimSpace(string(b)); s != "" && s != "{}" {
		return nil, errNoBody
	}
	if err := d.Network.Reset(); err != nil {
		return nil, refusal{http.StatusConflict, err}
	}
	var out Reset
	if d.Faults != nil {
		out.Faults = d.Faults.Clear()
	}
	return out, nil
}
