// Package control is the door for other people's tests: the clock, invalidations,
// and why.
//
// It speaks JSON over HTTP under /staleproof/v1/ and decides nothing. It is meant
// for the loopback interface: requests whose Host is not the address it listens
// on, or whose Origin is another site, are refused, so that a web page cannot
// reach it.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// Prefix is what the paths of all calls begin with.
const Prefix = "/staleproof/v1/"

// maxBodyBytes is the largest body of a call.
const maxBodyBytes = 1 << 20

// Door answers the calls about one network.
type Door struct {
	Network *proxy.Network
	Clock   *proxy.Clock
	// Hosts are names beside loopback addresses under which the door may be
	// called, without port.
	Hosts []string
	// CloudFront is CloudFront's own API, at its own paths; nil: there is none.
	CloudFront http.Handler
}

// Handler is the door as a handler.
func (d *Door) Handler() http.Handler {
	mux := http.NewServeMux()
	call := func(pattern string, f func(*http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+Prefix+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
			v, err := f(r)
			if err != nil {
				refuse(w, err)
				return
			}
			writeJSON(w, http.StatusOK, v)
		})
	}
	call("GET clock", d.clock)
	call("POST clock", d.advance)
	call("POST invalidations", d.invalidate)
	call("GET invalidations", d.list)
	call("GET invalidations/{id}", d.progress)
	call("POST batches", d.batch)
	call("GET bill", d.bill)
	call("GET explain", d.explainGet)
	call("POST explain", d.explain)
	call("GET keys", d.keys)
	call("POST forget", d.forget)
	call("GET origins", d.origins)
	if d.CloudFront != nil {
		mux.Handle("/2020-05-31/", d.CloudFront)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, failure{Error: "there is no call " + r.Method + " " + r.URL.Path + "; see docs/CONTROL.md"})
	})
	return d.guard(mux)
}

// guard refuses what a web page could send: a Host that is not ours (a name bound
// to this address by someone else's DNS), an Origin that is another site.
func (d *Door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.ours(r.Host) {
			writeJSON(w, http.StatusForbidden, failure{Error: "this door does not answer to the host name " + r.Host})
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				writeJSON(w, http.StatusForbidden, failure{Error: "this door does not answer pages of other sites"})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Door) ours(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || slices.Contains(d.Hosts, host)
	}
	return strings.EqualFold(host, "localhost") || slices.Contains(d.Hosts, host)
}

type failure struct {
	Error string `json:"error"`
	Code  string `json:"code,omitempty"` // AWS's name, where AWS would refuse it, too
}

// refuse answers with the status that AWS has for it, by default 400.
func refuse(w http.ResponseWriter, err error) {
	var api *proxy.APIError
	if errors.As(err, &api) {
		writeJSON(w, api.Status, failure{err.Error(), api.Code})
		return
	}
	writeJSON(w, http.StatusBadRequest, failure{Error: err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.Encode(v) // the viewer may have gone; there is nobody to tell
}

// readJSON reads a call's body strictly.
func readJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("read the body as JSON: %w", err)
	}
	if dec.More() {
		return errors.New("read the body as JSON: there is more than one value")
	}
	return nil
}

// Clock is the answer of the clock calls.
type Clock struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"` // of the system's clock, as Go writes durations
}

func (d *Door) clock(*http.Request) (any, error) {
	return Clock{d.Clock.Now().UTC(), d.Clock.Ahead().String()}, nil
}

// Advance is the body of POST clock.
type Advance struct {
	Advance string `json:"advance"`
}

func (d *Door) advance(r *http.Request) (any, error) {
	var body Advance
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	by, err := distribution.ParseDuration(body.Advance)
	if err != nil {
		return nil, err
	}
	if by <= 0 {
		return nil, errors.New("the clock only goes forward; say a positive duration, such as 24h")
	}
	d.Clock.Advance(by)
	return d.clock(r)
}

// Explain is the body of POST explain: a request that is not sent.
type Explain struct {
	URL    string      `json:"url"`
	Method string      `json:"method,omitempty"` // default GET
	Header http.Header `json:"header,omitempty"`
}

func (d *Door) explainGet(r *http.Request) (any, error) {
	q := r.URL.Query()
	return d.explanation(Explain{URL: q.Get("url"), Method: q.Get("method")}, q.Get("pop"))
}

func (d *Door) explain(r *http.Request) (any, error) {
	var body Explain
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	return d.explanation(body, "")
}

func (d *Door) explanation(e Explain, pop string) (any, error) {
	if e.Method == "" {
		e.Method = http.MethodGet
	}
	r, err := http.NewRequest(e.Method, e.URL, nil)
	if err != nil {
		return nil, err
	}
	if r.URL.Host == "" || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%q is no full URL; write http://host/path", e.URL)
	}
	for name, values := range e.Header {
		if http.CanonicalHeaderKey(name) == "Host" && len(values) > 0 {
			r.Host = values[0]
			continue
		}
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	if pop != "" {
		r.Header.Set(proxy.POPHeader, pop)
	}
	return d.Network.Explain(r)
}

// Key is one stored response in the answer of GET keys.
type Key struct {
	Key       string `json:"key"`
	POP       string `json:"pop"`
	Status    int    `json:"status"`
	Age       string `json:"age"`
	Lifetime  string `json:"lifetime"`
	Remaining string `json:"remaining"`
	Bytes     int64  `json:"bytes"`
}

func (d *Door) keys(*http.Request) (any, error) {
	out := []Key{}
	now := d.Clock.Now()
	for _, e := range d.Network.Edges() {
		stored := e.Stored()
		slices.SortFunc(stored, func(a, b cachepolicy.Stored) int { return strings.Compare(a.Key, b.Key) })
		for _, s := range stored {
			out = append(out, Key{
				Key: s.Key, POP: e.POP(), Status: s.Status, Age: s.Age(now).String(), Lifetime: s.Lifetime.String(),
				Remaining: s.Expires().Sub(now).Truncate(time.Second).String(), Bytes: s.BodyBytes,
			})
		}
	}
	return out, nil
}

func (d *Door) forget(r *http.Request) (any, error) {
	var body struct {
		Path string `json:"path"`
	}
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	if err := cachepolicy.CheckItem(body.Path); err != nil {
		return nil, err
	}
	n := 0
	for _, e := range d.Network.Edges() {
		n += e.Forget(body.Path)
	}
	return struct {
		Forgotten int `json:"forgotten"`
	}{n}, nil
}

func (d *Door) origins(*http.Request) (any, error) { return d.Network.OriginRequests(), nil }
