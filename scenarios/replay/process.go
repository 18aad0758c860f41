package replay

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"staleproof/proxy"
	"staleproof/scenarios/prove"
)

// process is all in one process: nothing goes over a socket.
type process struct{ edges map[string]*proxy.Edge }

func newProcess() *process { return &process{map[string]*proxy.Edge{}} }

func (p *process) servers(o *origin) (string, http.RoundTripper, error) {
	return "http://origin.example", transport(func(r *http.Request) (*http.Response, error) {
		status, header, body, err := o.answer(o.chosen(), r)
		if err != nil {
			return nil, err
		}
		return &http.Response{
			StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}), nil
}

// transport is a function as a RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func (p *process) listen(name string, e *proxy.Edge) error {
	p.edges[name] = e
	return nil
}

// reach hides that it is an edge: a proxy before it is none of CloudFront's tiers.
func (p *process) reach(name string) http.RoundTripper { return transport(p.edges[name].RoundTrip) }

func (p *process) visitor(_ context.Context, st *stage, name string, kind prove.Kind, at string) (visitor, error) {
	if p.edges[at] == nil {
		return nil, inexpressible("no edge " + at)
	}
	return newHTTPVisitor(st, name, kind, p.reach(at))
}

func (p *process) close() error { return nil }
