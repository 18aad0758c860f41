package scenarios

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"staleproof/proxy"
)

// maxBodyBytes is how much of one answer is read.
const maxBodyBytes = 16 << 20

// call is one viewer request of a step.
type call struct {
	n      int // in the step, from 0
	cancel context.CancelFunc

	// Guarded by the stage.
	state   callState
	id      string // of its exchange; "": the edge was not asked
	key     string // cache key
	behind  bool   // the edge refreshes behind its back
	left    bool   // the viewer went away
	leader  *call  // whose answer he waited for last
	loose   bool   // running because of what the leader's origin replied
	outcome proxy.Event
	answer  Answer
	over    bool // nothing more will come to the viewer
}

// got is called when the viewer has his answer, or has gone. Behind a front the edge may
// learn it later.
func (c *call) got(a Answer) {
	c.answer, c.over = a, true
	c.finish()
}

// finish is called when the viewer, or the edge, has come to the end: both have to, but
// for a viewer who left, whom the edge may miss only when the origin has answered.
func (c *call) finish() {
	if c.over && (c.left || c.id == "" || c.outcome.Kind == proxy.Answered) {
		c.state = done
	}
}

// callState says what a call waits for.
type callState uint8

const (
	running  callState = iota // for nothing: something will happen
	joined                    // for another one's flight
	atOrigin                  // for the origin, which waits for the stage
	done
)

// Answer is what a viewer got.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Cut    bool // the body broke off
	Left   bool // the viewer went away and got nothing
	Result string
	Reason string
	Err    error // why there is no answer at all
}

// request is the n-th request of a step.
func (p *player) request(ctx context.Context, s *Step, n int) (*http.Request, error) {
	url := s.URL
	if strings.HasPrefix(url, "/") {
		url = "https://" + p.story.Distribution.Domain + url
	}
	var body io.Reader
	if s.Body != "" {
		body = strings.NewReader(s.Body)
	}
	r, err := http.NewRequestWithContext(ctx, strings.ToUpper(string(s.Do)), url, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	for name, values := range s.Header {
		if name == "Host" {
			r.Host = values[0]
			continue
		}
		r.Header[name] = values
	}
	if s.Do == Post { // as it comes over a network
		r.Header.Set("Content-Length", strconv.Itoa(len(s.Body)))
	}
	if s.POP > 0 {
		r.Header.Set(proxy.POPHeader, strconv.Itoa(s.POP))
	}
	r.RemoteAddr = fmt.Sprintf("192.0.2.%d:%d", 1+n%250, 40000+n/250)
	return r, nil
}

// ask sends a request and reads the answer to its end.
func ask(client *http.Client, r *http.Request) Answer {
	res, err := client.Do(r)
	if err != nil {
		return Answer{Err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxBodyBytes))
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(b), Cut: err != nil}
}

// viewer is who a step asks as: a visitor who is remembered, or one who is not.
func (p *player) viewer(s *Step) *http.Client {
	if s.As == "" {
		return &http.Client{Transport: p.way, CheckRedirect: stay}
	}
	v := p.visitors[s.As]
	if v == nil {
		v = NewVisitor(p.way, p.clock.Now)
		v.CheckRedirect = stay
		p.visitors[s.As] = v
	}
	return v
}

// stay lets a step see a redirect itself.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
