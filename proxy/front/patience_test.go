package front

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
)

// bodyReader is a Handler that reads the body, and tells what became of it.
type bodyReader struct {
	first time.Duration // pauses before it reads
	seen  chan string
}

func (b bodyReader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(b.first)
	got, err := io.ReadAll(r.Body)
	if err != nil {
		b.seen <- err.Error()
		return
	}
	b.seen <- "whole"
	w.Write(got[:1])
}

// trickle writes n bytes at a time until that fails or total is reached.
func trickle(write func(p []byte) error, n, total int, every time.Duration) {
	for sent := 0; sent < total; sent += n {
		time.Sleep(every)
		if write(make([]byte, n)) != nil {
			return
		}
	}
}

// TestSlowBody: a body has BodyTimeout, longer while bytes come with 500 a second, and
// only time in which somebody waits for it counts.
func TestSlowBody(t *testing.T) {
	const most = 30 * time.Second
	for _, row := range []struct {
		name      string
		n         int
		every     time.Duration
		first     time.Duration
		low, high time.Duration
		want      string
	}{
		{"nothing comes", 1, time.Hour, 0, most, most, errSlow.Error()},
		{"a byte now and then", 1, time.Second, 0, most, most + time.Second, errSlow.Error()},
		{"half the rate", 500, 2 * time.Second, 0, 58 * time.Second, 60 * time.Second, errSlow.Error()},
		{"the rate", 5000, 10 * time.Second, 0, 200 * time.Second, 200 * time.Second, "whole"},
		{"a handler that takes its time", 100_000, time.Second, time.Minute, time.Minute, 62 * time.Second, "whole"},
	} {
		const total = 100_000
		t.Run("HTTP/1.1, "+row.name, func(t *testing.T) {
			var h bodyReader
			s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) })}
			inBubble(t, s, func(t *testing.T, connect func() *viewer) {
				h = bodyReader{row.first, make(chan string, 1)} // of this bubble
				v := connect()
				v.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
				began := time.Now()
				var writes sync.WaitGroup
				writes.Go(func() {
					trickle(func(p []byte) error { _, err := v.Write(p); return err }, row.n, total, row.every)
				})
				if got := <-h.seen; got != row.want {
					t.Errorf("the handler saw %q, want %q", got, row.want)
				}
				between(t, "the body", time.Since(began), row.low, row.high)
				if row.want == "whole" {
					v.answer("POST")
				} else {
					v.ended()
				}
				v.Close()
				writes.Wait()
			})
		})
		t.Run("HTTP/2, "+row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := bodyReader{row.first, make(chan string, 1)}
				v := newH2Viewer(t, &Server{Handler: h, IdleTimeout: -1})
				defer v.end()
				v.ask(1, false, ":method: POST", ":path: /")
				began := time.Now()
				var sends, reads sync.WaitGroup
				defer reads.Wait()
				defer sends.Wait()
				sends.Go(func() {
					trickle(func(p []byte) error {
						for ; len(p) > h2MaxFrame; p = p[h2MaxFrame:] {
							v.WriteData(1, false, p[:h2MaxFrame])
						}
						return v.WriteData(1, false, p)
					}, row.n, total, row.every)
				})
				defer v.conn.Close() // which ends both
				ended := make(chan bool, 1000)
				reads.Go(func() {
					defer close(ended)
					for {
						f, err := v.ReadFrame()
						if err != nil {
							return
						}
						if _, reset := f.(*http2.RSTStreamFrame); reset {
							ended <- reset
						}
					}
				})
				if row.want == "whole" {
					time.Sleep(row.high + time.Second)
					sends.Wait()
					v.WriteData(1, true, nil)
				}
				if got := <-h.seen; got != row.want {
					t.Errorf("the handler saw %q, want %q", got, row.want)
				}
				if row.want != "whole" {
					between(t, "the body", time.Since(began), row.low, row.high)
					if !<-ended {
						t.Error("the stream was not reset")
					}
					return
				}
			})
		})
	}
}

// TestUnreadBody: a handler that answers without the body does not leave net/http
// waiting for it.
func TestUnreadBody(t *testing.T) {
	inBubble(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "no, thanks")
	})}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
		between(t, "a body that nobody reads", v.lasts(), 30*time.Second, 31*time.Second)
	})
}

// TestLateBody: a body that nobody reads may come when the handler is done, however
// long that took, and the connection goes on.
func TestLateBody(t *testing.T) {
	inBubble(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(40 * time.Second)
		io.WriteString(w, "no, thanks")
	})}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
		time.Sleep(60 * time.Second)
		go v.send(strings.Repeat("x", 1000) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		v.answer("POST")
		v.answer("GET")
		v.Close()
	})
}

// TestLongHandler: the deadline of a body that was read does not end a handler that
// takes longer.
func TestLongHandler(t *testing.T) {
	inBubble(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		r.Body.Read(make([]byte, 1)) // once more
		select {
		case <-r.Context().Done():
			io.WriteString(w, "cancelled")
		case <-time.After(5 * time.Minute):
			io.WriteString(w, "done")
		}
	})}, func(t *testing.T, connect func() *viewer) {
		v := connect()
		v.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
		if _, body := v.answer("POST"); body != "done" {
			t.Errorf("got %q", body)
		}
		v.Close()
	})
}

// TestHTTP2KeptBusy: frames that ask nothing and take nothing give no more time.
func TestHTTP2KeptBusy(t *testing.T) {
	large := make([]byte, 1<<20)
	hitter := hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
		return append(dst, "HTTP/1.1 200 OK\r\n"...), large, r.Path == "/hit"
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" {
			io.Copy(io.Discard, r.Body)
		}
		w.Write(large)
	})
	ping := func(v *h2Viewer, _ uint32) error { return v.WritePing(false, [8]byte{}) }
	settings := func(v *h2Viewer, _ uint32) error { return v.WriteSettings() }
	window := func(v *h2Viewer, _ uint32) error { v.WriteWindowUpdate(1, 1); return v.WriteWindowUpdate(0, 1) }
	another := func(v *h2Viewer, i uint32) error { v.ask(3+2*i, true, ":path: /hit"); return nil }
	for _, row := range []struct {
		name  string
		path  string
		every func(v *h2Viewer, i uint32) error
		want  time.Duration
	}{
		{"pings without a request", "", ping, 60 * time.Second},
		{"settings without a request", "", settings, 60 * time.Second},
		{"pings before a hit that is not taken", "/hit", ping, 30 * time.Second},
		{"pings before an answer that is not taken", "/miss", ping, 30 * time.Second},
		{"a hit that is taken byte by byte", "/hit", window, 31 * time.Second},
		{"an answer that is taken byte by byte", "/miss", window, 31 * time.Second},
		{"more requests before a hit that is not taken", "/hit", another, 30 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Hitter: hitter, Handler: handler, ErrorLog: quiet})
				defer v.end()
				began := time.Now()
				stop := make(chan struct{})
				go func() {
					defer close(stop)
					if row.path != "" {
						v.ask(1, true, ":path: "+row.path)
					}
					for i := uint32(0); i < 1000 && !v.isDone(); i++ {
						time.Sleep(5 * time.Second)
						if row.every(v, i) != nil {
							return
						}
					}
				}()
				if code := v.goAway(); code != http2.ErrCodeNo {
					t.Errorf("sent away with %v", code)
				}
				between(t, row.name, time.Since(began), row.want-time.Second, row.want)
				v.conn.Close()
				<-v.done
				<-stop
			})
		})
	}
}

func (v *h2Viewer) isDone() bool {
	select {
	case <-v.done:
		return true
	default:
		return false
	}
}

// TestHTTP2SlowFrame: a frame that has begun, and a header block, has
// ReadHeaderTimeout, also when other streams are open; DATA has BodyTimeout.
func TestHTTP2SlowFrame(t *testing.T) {
	waits := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, row := range []struct {
		name string
		raw  string
		want time.Duration
	}{
		{"one byte of a frame", "\x00", 10 * time.Second},
		{"half a header block", "\x00\x00\x10\x01\x05\x00\x00\x00\x03abc", 10 * time.Second},
		{"a header block without its end", "\x00\x00\x01\x01\x01\x00\x00\x00\x03\x82", 10 * time.Second},
		{"half a DATA frame", "\x00\x00\x10\x00\x01\x00\x00\x00\x01abc", 30 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newH2Viewer(t, &Server{Handler: waits, ErrorLog: quiet})
				defer v.end()
				v.ask(1, false, ":method: POST", ":path: /")
				time.Sleep(time.Hour) // a stream may be open as long as its handler likes
				began := time.Now()
				go io.WriteString(v.conn, row.raw)
				v.goAway()
				between(t, row.name, time.Since(began), row.want, row.want)
			})
		})
	}
}

// TestHTTP2EmptyContinuations: frames of a header block that say nothing give no more
// time.
func TestHTTP2EmptyContinuations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: miss, ErrorLog: quiet})
		defer v.end()
		began := time.Now()
		v.WriteHeaders(http2.HeadersFrameParam{StreamID: 1})
		var writes sync.WaitGroup
		defer writes.Wait()
		writes.Go(func() {
			for v.WriteContinuation(1, false, nil) == nil {
				time.Sleep(time.Second)
			}
		})
		v.goAway()
		between(t, "a header block of nothing", time.Since(began), 10*time.Second, 10*time.Second)
		v.conn.Close()
	})
}

// TestHTTP2MadeToReset: who makes us reset his streams is counted like one who does it
// himself.
func TestHTTP2MadeToReset(t *testing.T) {
	waits := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: waits, ErrorLog: quiet})
		defer v.end()
		var writes = make(chan struct{})
		go func() {
			defer close(writes)
			for i := range uint32(h2Resets + 1) {
				v.ask(2*i+1, true, ":path: /")
				v.WriteData(2*i+1, false, []byte(strings.Repeat("x", 10))) // after the end
			}
		}()
		if code := v.goAway(); code != http2.ErrCodeEnhanceYourCalm {
			t.Errorf("sent away with %v, want ENHANCE_YOUR_CALM", code)
		}
		v.conn.Close()
		<-writes
	})
}

// TestHTTP2SlowReader: who takes 600 bytes a second of one answer is not let go for another
// that he takes nothing of.
func TestHTTP2SlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 1<<20)) })})
		defer v.end()
		go func() {
			v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			v.WriteWindowUpdate(0, 1<<24)
			v.ask(1, true, ":path: /waits")
			v.ask(3, true, ":path: /taken")
			v.WriteWindowUpdate(3, 1<<24)
		}()
		for i := range 300 {
			if _, err := io.ReadFull(v.conn, make([]byte, 600)); err != nil {
				t.Fatalf("cut off after %d s: %v", i, err)
			}
			time.Sleep(time.Second)
		}
	})
}

// TestHTTP2OnePaused: who has one answer wait, and takes others, is not let go.
func TestHTTP2OnePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Hitter: hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
			n := 100_000
			if r.Path == "/small" {
				n = 10_000
			}
			return append(dst, "HTTP/1.1 200 OK\r\n"...), make([]byte, n), true
		})})
		defer v.end()
		var writes sync.WaitGroup
		defer writes.Wait()
		writes.Go(func() {
			v.WriteWindowUpdate(0, 1<<24)
			v.ask(1, true, ":path: /large")
			for i := range uint32(30) {
				v.ask(2*i+3, true, ":path: /small")
				time.Sleep(5 * time.Second)
			}
		})
		for ended := 0; ended < 30; {
			switch f := v.next().(type) {
			case *http2.DataFrame:
				if f.StreamEnded() {
					ended++
				}
			case *http2.GoAwayFrame:
				v.conn.Close()
				t.Fatalf("sent away after %d answers", ended)
			}
		}
	})
}
