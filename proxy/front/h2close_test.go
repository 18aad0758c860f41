package front

import (
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
)

// TestHTTP2Shutdown: streams under way are finished, others refused.
func TestHTTP2Shutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-release
			io.WriteString(w, "late")
		})})
		v.ask(1, true, ":path: /")
		synctest.Wait()
		go v.h.goAway(http2.ErrCodeNo)
		if f, ok := v.next().(*http2.GoAwayFrame); !ok || f.LastStreamID != 1 {
			t.Errorf("got %v, want GOAWAY after stream 1", f)
		}
		v.ask(3, true, ":path: /") // on its way when the viewer hears of it
		go func() {
			v.ask(5, false, ":method: POST", ":path: /")
			v.WriteData(5, false, []byte("body"))
			v.WriteWindowUpdate(5, 1)
			v.say(5, true, "x: y")
			v.WriteRSTStream(5, http2.ErrCodeCancel)
		}()
		synctest.Wait()
		close(release)
		v.next()
		if f, ok := v.next().(*http2.DataFrame); !ok || string(f.Data()) != "late" || !f.StreamEnded() {
			t.Errorf("got %v, want the answer", f)
		}
		if _, err := v.ReadFrame(); err != io.EOF {
			t.Errorf("got %v, want the end", err)
		}
		v.end()
	})
}

// TestHTTP2ShutdownWithARequestInHand: it counts as one that GOAWAY leaves, and is
// answered. RFC 9113 §6.8
func TestHTTP2ShutdownWithARequestInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		v := newH2Viewer(t, &Server{Hitter: hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
			<-gate
			return hits(dst, r)
		})})
		defer v.end()
		v.ask(1, true, ":path: /hit")
		synctest.Wait()
		go v.h.goAway(http2.ErrCodeNo)
		if f, ok := v.next().(*http2.GoAwayFrame); !ok || f.LastStreamID != 1 {
			t.Fatalf("got %v, want GOAWAY after stream 1", f)
		}
		synctest.Wait()
		close(gate)
		f, err := v.ReadFrame()
		if _, ok := f.(*http2.MetaHeadersFrame); !ok {
			t.Fatalf("got %v, %v, want the answer", f, err)
		}
		v.next()
		if _, err := v.ReadFrame(); err != io.EOF {
			t.Errorf("got %v, want the end", err)
		}
	})
}

// halfCloser is a connection that knows what CloseWrite is.
type halfCloser struct{ net.Conn }

func (halfCloser) CloseWrite() error { return nil }

// TestHTTP2ShutdownWhileTaking: the last answer reaches a viewer who says what he takes.
func TestHTTP2ShutdownWhileTaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		release := make(chan struct{})
		v := newH2ViewerOn(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-release
			w.Write(make([]byte, 20_000))
		})}, near, halfCloser{far})
		defer v.end()
		v.ask(1, true, ":path: /")
		synctest.Wait()
		go v.h.goAway(http2.ErrCodeNo)
		v.next()
		close(release)
		synctest.Wait() // the handler has returned, and sends
		v.WriteWindowUpdate(0, 1)
		time.Sleep(10 * time.Second)
		for whole := false; !whole; {
			f, err := v.ReadFrame()
			if err != nil {
				t.Fatalf("cut off: %v", err)
			}
			d, ok := f.(*http2.DataFrame)
			whole = ok && d.StreamEnded()
		}
		if err := v.WriteWindowUpdate(0, 20_000); err != nil {
			t.Errorf("who says that he has taken the answer: %v; over TCP, that takes back what is on its way", err)
		}
	})
}

// TestHTTP2ShutdownOfOneWhoSendsNothing: a stream that was given up was the last one, too.
func TestHTTP2ShutdownOfOneWhoSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: miss, IdleTimeout: -1})
		go io.Copy(io.Discard, v.conn)
		v.ask(1, false, ":method: POST", ":path: /")
		began := time.Now()
		synctest.Wait()
		v.h.goAway(http2.ErrCodeNo)
		time.Sleep(35 * time.Second)
		select {
		case <-v.done:
		default:
			t.Errorf("still open after %v", time.Since(began))
		}
		v.end()
	})
}

// TestHTTP2WrongAfterGoAway: what is wrong with a request that comes too late changes nothing
// for those before it. RFC 9113 §6.8
func TestHTTP2WrongAfterGoAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release })})
		defer v.end()
		v.ask(1, true, ":path: /")
		synctest.Wait()
		go v.h.goAway(http2.ErrCodeNo)
		v.next()
		v.ask(3, false, ":method: POST", ":path: /")
		v.ask(5, true, ":path: /", ":path: /")
		if f, ok := v.next().(*http2.RSTStreamFrame); !ok || f.StreamID != 5 {
			t.Errorf("got %v, want stream 5 reset", f)
		}
		v.say(3, true, "x: y")
		synctest.Wait()
		close(release)
		if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || f.StreamID != 1 {
			t.Errorf("got %v, want the answer", f)
		}
	})
}
