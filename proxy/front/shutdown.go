package front

import (
	"context"
	"errors"
	"net"
	"sync"

	"golang.org/x/net/http2"
)

// Shutdown stops accepting, closes idle connections, and waits for the requests in
// flight, whose connections are closed after the answer. When ctx ends first, it
// returns its error and leaves them to Close.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(func() { s.prepare(nil) }) // Serve may not have come so far
	err := s.stopAccepting()
	var goodbyes sync.WaitGroup // each ends with its connection at the latest
	for _, c := range s.all() {
		if c.state.CompareAndSwap(idle, gone) {
			c.rwc.Close()
		}
		s.mu.Lock()
		h := c.h2
		s.mu.Unlock()
		if h != nil {
			goodbyes.Go(func() { h.goAway(http2.ErrCodeNo) })
		}
	}
	for _, o := range s.others() {
		o.http.SetKeepAlivesEnabled(false)
	}
	select {
	case <-s.waitDrained():
	case <-ctx.Done():
		return ctx.Err()
	}
	goodbyes.Wait()
	for _, o := range s.others() {
		o.Close()
		o.run.Wait() // whatever it took is known to it now
		err = errors.Join(err, o.http.Shutdown(ctx))
	}
	return err
}

// Close closes every connection and waits for ours to end: a handler that does not
// look at its request's context keeps it waiting.
func (s *Server) Close() error {
	s.once.Do(func() { s.prepare(nil) }) // Serve may not have come so far
	err := s.stopAccepting()
	for _, c := range s.all() {
		c.out.Conn.Close()
	}
	<-s.waitDrained()
	for _, o := range s.others() {
		o.Close()
		o.run.Wait()
		err = errors.Join(err, o.http.Close())
	}
	return err
}

// stopAccepting closes the listeners. From here on no connection is added.
func (s *Server) stopAccepting() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing.Store(true)
	for _, l := range s.listeners {
		if e := l.Close(); e != nil && !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	s.listeners = nil
	return err
}

func (s *Server) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

func (s *Server) others() []*other { return []*other{&s.plain, &s.h2} }

// waitDrained is closed when none of our connections is left.
func (s *Server) waitDrained() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drained == nil {
		s.drained = make(chan struct{})
	}
	done := s.drained
	s.checkDrained()
	return done
}
