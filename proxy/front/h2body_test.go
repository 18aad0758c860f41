package front

import (
	"bytes"
	"io"
	"net/http"
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
