package front

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
)

// TestHTTP2BodyIsBounded: what was read of a body is not kept, though never all was.
func TestHTTP2BodyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := make(chan struct{})
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p := make([]byte, h2MaxFrame)
			for i := byte(0); ; i++ {
				if _, ok := <-read; !ok {
					return
				}
				if _, err := io.ReadFull(r.Body, p); err != nil || p[0] != i || p[h2MaxFrame-1] != i {
					t.Errorf("piece %d: got %d to %d, %v", i, p[0], p[h2MaxFrame-1], err)
				}
			}
		})})
		go io.Copy(io.Discard, v.conn)
		v.ask(1, false, ":method: POST", ":path: /")
		v.WriteData(1, false, make([]byte, h2MaxFrame))
		for i := range 200 {
			v.WriteData(1, false, bytes.Repeat([]byte{byte(i + 1)}, h2MaxFrame))
			read <- struct{}{}
			synctest.Wait()
		}
		v.h.mu.Lock()
		kept := cap(v.h.streams[1].body.buf)
		v.h.mu.Unlock()
		if kept > 4*h2StreamWindow {
			t.Errorf("%d bytes are kept, want those of a window", kept)
		}
		close(read)
		v.end()
	})
}

// TestHTTP2CutBody: a body that was reset before it was read does not look whole, however
// much of it had come.
func TestHTTP2CutBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := make(chan error, 1)
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			_, err := io.ReadAll(r.Body)
			read <- err
		})})
		defer v.end()
		v.ask(1, false, ":method: POST", ":path: /")
		v.WriteData(1, true, []byte("body"))
		v.WriteRSTStream(1, http2.ErrCodeCancel)
		if err := <-read; err == nil {
			t.Error("a body that was thrown away looks whole")
		}
	})
}

// TestHTTP2BodyAfterTheHandler: nobody waits for a body that nothing comes of any more.
func TestHTTP2BodyAfterTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := make(chan error, 1)
		v := newH2Viewer(t, &Server{BodyTimeout: -1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			go func() {
				_, err := io.ReadAll(r.Body)
				read <- err
			}()
			synctest.Wait()
		})})
		defer v.end()
		v.ask(1, false, ":method: POST", ":path: /")
		v.next()
		v.next()
		select {
		case err := <-read:
			if err == nil {
				t.Error("a body that has not come looks whole")
			}
		case <-time.After(time.Hour):
			t.Error("still waiting")
		}
	})
}

// TestHTTP2LittleIsGivenBack: what is left of the window of the connection may be used when
// most of it is taken by bodies that nobody reads.
func TestHTTP2LittleIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/read" {
				io.Copy(io.Discard, r.Body)
			}
			<-r.Context().Done()
		})})
		defer v.end()
		given := make(chan uint32, 100)
		go func() {
			for {
				f, err := v.ReadFrame()
				if err != nil {
					return
				}
				if w, ok := f.(*http2.WindowUpdateFrame); ok && w.StreamID == 0 {
					given <- w.Increment
				}
			}
		}()
		send := func(id uint32, path string, n int) {
			v.ask(id, false, ":method: POST", ":path: "+path)
			for ; n > 0; n -= min(n, h2MaxFrame) {
				v.WriteData(id, false, make([]byte, min(n, h2MaxFrame)))
			}
		}
		for id := uint32(1); id <= 5; id += 2 {
			send(id, "/", h2StreamWindow)
		}
		send(7, "/", 1)
		send(9, "/read", h2StreamWindow-1)
		synctest.Wait()
		if len(given) == 0 {
			t.Errorf("who may send nothing more was given nothing back of the %d bytes that were read", h2StreamWindow-1)
		}
	})
}

// TestHTTP2ManyBodies: what was read of a little of many bodies is given back to the
// window of the connection. RFC 9113 §5.2.2
func TestHTTP2ManyBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each = h2ConnWindow / h2Streams
		v := newH2Viewer(t, &Server{BodyTimeout: -1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.ReadFull(r.Body, make([]byte, each))
			<-r.Context().Done()
		})})
		defer v.end()
		given := uint32(0)
		go func() {
			for {
				f, err := v.ReadFrame()
				if err != nil {
					return
				}
				if w, ok := f.(*http2.WindowUpdateFrame); ok && w.StreamID == 0 {
					given += w.Increment
				}
			}
		}()
		for i := range uint32(h2Streams) {
			v.ask(2*i+1, false, ":method: POST", ":path: /")
			v.WriteData(2*i+1, false, make([]byte, each))
		}
		synctest.Wait()
		if given <= h2ConnWindow*3/4 {
			t.Errorf("%d bytes of %d that were read were given back", given, h2ConnWindow)
		}
	})
}

// slowBodies is how many fill the window of a connection.
const slowBodies = h2ConnWindow / h2StreamWindow

// fillWindow sends bodies that fill it, and begins one more, whose stream it gives.
func (v *h2Viewer) fillWindow() (next uint32) {
	for i := range uint32(slowBodies) {
		v.ask(2*i+1, false, ":method: POST", ":path: /slow")
		for j := range h2StreamWindow / h2MaxFrame {
			v.WriteData(2*i+1, j == h2StreamWindow/h2MaxFrame-1, make([]byte, h2MaxFrame))
		}
	}
	next = 2*slowBodies + 1
	v.ask(next, false, ":method: POST", ":path: /")
	return next
}

// TestHTTP2BodiesNobodyReads: who may send nothing, since others' bodies are not read, is
// not taken for one who sends nothing.
func TestHTTP2BodiesNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-release
			}
			b, err := io.ReadAll(r.Body)
			fmt.Fprint(w, len(b), err)
		})})
		defer v.end()
		next := v.fillWindow()
		time.Sleep(2*v.h.c.server.bodyTimeout() + time.Second)
		close(release)
		var writes sync.WaitGroup
		defer writes.Wait()
		for given := false; ; {
			switch f := v.next().(type) {
			case *http2.WindowUpdateFrame:
				if f.StreamID == 0 && !given {
					given = true
					writes.Go(func() { v.WriteData(next, true, []byte("body")) })
				}
			case *http2.DataFrame:
				if f.StreamID == next {
					if got := string(f.Data()); got != "4 <nil>" {
						t.Errorf("got %q, want all of the body", got)
					}
					return
				}
			case *http2.RSTStreamFrame:
				t.Fatalf("got %v", f)
			}
		}
	})
}

// TestHTTP2RoomAtLast: patience with a viewer who could not send counts from when he can.
func TestHTTP2RoomAtLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		got := make(chan string, 1)
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-release
			}
			b, err := io.ReadAll(r.Body)
			if r.URL.Path == "/" {
				got <- fmt.Sprint(len(b), err)
			}
		})})
		defer v.end()
		go io.Copy(io.Discard, v.conn)
		next := v.fillWindow()
		time.Sleep(v.h.c.server.bodyTimeout() - time.Second)
		close(release)
		time.Sleep(10 * time.Second)
		v.WriteData(next, true, []byte("body"))
		if got := <-got; got != "4 <nil>" {
			t.Errorf("got %s, want all of the body", got)
		}
	})
}

// TestHTTP2NoContinueAfterTheAnswer: RFC 9110 §15.2: 100 comes before the answer.
func TestHTTP2NoContinueAfterTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			b, _ := io.ReadAll(r.Body)
			w.Write(b)
		})})
		defer v.end()
		v.ask(1, false, ":method: POST", ":path: /", "expect: 100-continue")
		if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || f.PseudoValue("status") != "200" {
			t.Fatalf("got %v, want the answer", f)
		}
		synctest.Wait() // the handler wants the body
		var writes sync.WaitGroup
		writes.Go(func() { v.WriteData(1, true, []byte("body")) })
		if f, ok := v.next().(*http2.DataFrame); !ok || string(f.Data()) != "body" {
			t.Errorf("got %v, want the body", f)
		}
		writes.Wait()
	})
}
