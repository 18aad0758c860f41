package scenarios

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"staleproof/proxy/distribution"
	"staleproof/proxy/origin"
)

// scripted is an origin that a story has the words of. The stage decides when it
// answers.
type scripted struct {
	script Origin
	conf   distribution.Origin
	stage  *stage
	clock  *Clock

	// Only who plays the story touches what is below.
	next   int // in script.Script
	broken Fault
}

// asking is a request as the origin got it.
type asking struct {
	method, url string
	header      http.Header
	body        string
}

// delivery is what comes back.
type delivery struct {
	response *http.Response
	err      error
}

// RoundTrip waits on the stage for its turn.
func (o *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	a := asking{method: r.Method, url: o.conf.Path + r.URL.EscapedPath(), header: r.Header.Clone()}
	if r.URL.RawQuery != "" {
		a.url += "?" + r.URL.RawQuery
	}
	for _, h := range o.conf.Headers { // as proxy/origin does [HDR-29]
		a.header[http.CanonicalHeaderKey(h.Name)] = []string{h.Value}
	}
	if r.Body != nil {
		b, err := io.ReadAll(io.LimitReader(r.Body, maxBodyBytes))
		if err != nil {
			return nil, o.failure(origin.Head, false, err)
		}
		a.body = string(b)
	}
	h := &held{origin: o, ask: a, since: o.clock.Now()}
	d, err := o.stage.hold(r.Context(), h, r.Header.Get("X-Amz-Cf-Id"))
	if err != nil {
		return nil, o.failure(origin.Head, false, err)
	}
	if d.response != nil {
		d.response.Request = r
	}
	return d.response, d.err
}

func (o *scripted) failure(phase origin.Phase, timeout bool, err error) *origin.Error {
	return &origin.Error{Origin: o.script.ID, Phase: phase, Timeout: timeout, Err: err}
}

// assign finds the reply to a held request and when it is due. What is wrong with
// the request is returned; then there is no reply but a closed connection.
func (o *scripted) assign(h *held) (problems []string) {
	fail := func(after time.Duration, err *origin.Error) {
		h.due, h.reply = h.since.Add(after), func(time.Time) delivery { return delivery{err: err} }
	}
	switch o.broken {
	case Down:
		fail(0, o.failure(origin.Connect, false, errRefused))
		return nil
	case Slow:
		fail(o.patience(h.ask.method), o.failure(origin.Head, true, errSlow))
		return nil
	}
	x, err := o.find(&h.ask)
	if err != nil {
		fail(0, o.failure(origin.Head, false, origin.ErrClosed))
		return []string{err.Error()}
	}
	if patience := o.patience(h.ask.method); x.Reply.After >= o.conf.ReadTimeout {
		fail(patience, o.failure(origin.Head, true, errSlow))
		return x.compare(o.script.ID, &h.ask)
	}
	fault := o.broken
	h.due = h.since.Add(x.Reply.After)
	h.reply = func(now time.Time) delivery { return o.deliver(x, h.ask.method, fault, now) }
	return x.compare(o.script.ID, &h.ask)
}

var (
	errRefused = fmt.Errorf("connection refused")
	errSlow    = fmt.Errorf("no packet within the response timeout")
	errCut     = fmt.Errorf("the connection was cut")
)

// patience is how long the edge waits for an origin that never answers: GET and
// HEAD are sent again, up to the connection attempts. [ORG-15], [ORG-16]
func (o *scripted) patience(method string) time.Duration {
	if method == http.MethodGet || method == http.MethodHead {
		return o.conf.ReadTimeout * time.Duration(o.conf.ConnectionAttempts)
	}
	return o.conf.ReadTimeout
}

// find is the exchange that the script has for a request.
func (o *scripted) find(a *asking) (*Exchange, error) {
	for i := range o.script.Rules {
		if x := &o.script.Rules[i]; x.fits(a) {
			return x, nil
		}
	}
	switch {
	case o.script.Rules != nil:
		return nil, fmt.Errorf("origin %s has no rule for %s %s", o.script.ID, a.method, a.url)
	case o.next == len(o.script.Script):
		return nil, fmt.Errorf("origin %s got one request too many: %s %s", o.script.ID, a.method, a.url)
	}
	x := &o.script.Script[o.next]
	if x.Method != a.method || x.URL != a.url {
		return nil, fmt.Errorf("origin %s got %s %s, and line %d expects %s %s", o.script.ID, a.method, a.url, x.Line, x.Method, x.URL)
	}
	o.next++
	return x, nil
}

// fits reports whether a rule is for a request.
func (x *Exchange) fits(a *asking) bool {
	if x.Method != a.method || len(x.compare("", a)) > 0 {
		return false
	}
	if prefix, ok := strings.CutSuffix(x.URL, "*"); ok {
		return strings.HasPrefix(a.url, prefix)
	}
	return x.URL == a.url
}

// compare says in what a request differs from the one that x expects, method and
// URL apart.
func (x *Exchange) compare(id string, a *asking) (problems []string) {
	differ := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf("origin %s, line %d: %s", id, x.Line, fmt.Sprintf(format, args...)))
	}
	for _, name := range slices.Sorted(maps.Keys(x.With)) {
		if got := strings.Join(a.header[name], ", "); got != x.With[name] || a.header[name] == nil {
			differ("%s is %q, want %q", name, got, x.With[name])
		}
	}
	for _, name := range x.Without {
		if got, ok := a.header[name]; ok {
			differ("%s is %q, want none", name, strings.Join(got, ", "))
		}
	}
	if x.Body != nil && a.body != *x.Body {
		differ("the body is %q, want %q", a.body, *x.Body)
	}
	return problems
}

// deliver makes the response of x at a moment.
func (o *scripted) deliver(x *Exchange, method string, fault Fault, now time.Time) delivery {
	r := &x.Reply
	res := &http.Response{
		Status: strconv.Itoa(r.Status) + " " + http.StatusText(r.Status), StatusCode: r.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.Header.Clone(), ContentLength: int64(len(r.Body)), Body: http.NoBody,
	}
	if date, ok := res.Header["Date"]; !ok {
		res.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	} else if len(date) == 0 || date[0] == "" {
		delete(res.Header, "Date")
	}
	if r.Status == http.StatusNotModified || r.Status == http.StatusNoContent {
		return delivery{response: res}
	}
	body := io.Reader(strings.NewReader(r.Body))
	switch fault {
	case Cut:
		res.ContentLength = -1
		body = io.MultiReader(strings.NewReader(r.Body[:len(r.Body)/2]), broken{o.failure(origin.Body, false, errCut)})
	case Short: // a connection says that it ended too early [COND-11]
		res.ContentLength++
		body = io.MultiReader(body, broken{o.failure(origin.Body, false, io.ErrUnexpectedEOF)})
	}
	if res.ContentLength >= 0 && res.Header["Content-Length"] == nil {
		res.Header.Set("Content-Length", strconv.FormatInt(res.ContentLength, 10))
	}
	if method != http.MethodHead {
		res.Body = io.NopCloser(body)
	}
	return delivery{response: res}
}

// broken is a body that breaks off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// left says which requests of the script never came.
func (o *scripted) left() (problems []string) {
	for _, x := range o.script.Script[o.next:] {
		problems = append(problems, fmt.Sprintf("origin %s never got %s %s, which line %d expects", o.script.ID, x.Method, x.URL, x.Line))
	}
	return problems
}
