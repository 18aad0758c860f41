package replay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"

	"staleproof/proxy"
	"staleproof/proxy/front"
	"staleproof/scenarios/prove"
)

// sockets has everything on loopback: a server for each origin server, a balancer
// before them that the edge knows as its origin, and each edge behind the front that
// serve has.
type sockets struct {
	running sync.WaitGroup
	closers []func() error
	edges   map[string]string // addresses by name
	ports   map[string]string // of origin servers
	netHTTP bool              // each edge is behind net/http alone
}

func newSockets() *sockets {
	return &sockets{edges: map[string]string{}, ports: map[string]string{}}
}

// serve serves on a free port until close; it starts a goroutine.
func (s *sockets) serve(srv interface {
	Serve(net.Listener) error
	Close() error
}) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen on loopback: %w", err)
	}
	s.running.Go(func() { srv.Serve(l) })
	s.closers = append(s.closers, srv.Close)
	return l.Addr().String(), nil
}

func (s *sockets) servers(o *origin) (string, http.RoundTripper, error) {
	for i := range o.count {
		name := fmt.Sprintf("s%d", i+1)
		address, err := s.serve(&http.Server{Handler: o.handler(name)})
		if err != nil {
			return "", nil, err
		}
		s.ports[name] = address
	}
	transport := &http.Transport{DisableCompression: true} // it asks for what the edge asks for
	s.closers = append(s.closers, func() error { transport.CloseIdleConnections(); return nil })
	balancer := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: s.ports[o.chosen()]})
	}}
	address, err := s.serve(&http.Server{Handler: balancer})
	return "http://" + address, nil, err
}

func (s *sockets) listen(name string, e *proxy.Edge) error {
	address, err := s.serve(&front.Server{Hitter: e, Handler: e, Refuse: e.Refuse, SayKeepAlive: true, NetHTTP: s.netHTTP})
	s.edges[name] = address
	return err
}

func (s *sockets) reach(name string) http.RoundTripper {
	address := s.edges[name]
	var d net.Dialer
	t := &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return d.DialContext(ctx, network, address)
		},
	}
	s.closers = append(s.closers, func() error { t.CloseIdleConnections(); return nil })
	return t
}

func (s *sockets) visitor(_ context.Context, st *stage, name string, kind prove.Kind, at string) (visitor, error) {
	if s.edges[at] == "" {
		return nil, inexpressible("no edge " + at)
	}
	return newHTTPVisitor(st, name, kind, s.reach(at))
}

func (s *sockets) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.running.Wait()
	return errors.Join(errs...)
}
