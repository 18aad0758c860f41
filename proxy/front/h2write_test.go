package front

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
)

// echoes answers with the body it was sent.
var echoes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	w.Write(b)
})

// TestHTTP2ViewerWritesFirst: a viewer may read nothing until what he writes is
// through. He gets all answers: those that fit, and those that had to wait.
// RFC 9113 §5.2 leaves to him when he reads.
func TestHTTP2ViewerWritesFirst(t *testing.T) {
	for _, row := range []struct{ hits, bytes int }{{1, 1024}, {h2Streams - 1, 0}, {h2Streams - 1, 1024}, {3, 300_000}} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(fmt.Sprintf("%d hits of %d bytes, %s", row.hits, row.bytes, method), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					body := bytes.Repeat([]byte("x"), row.bytes)
					told := map[any]int64{}
					hitter := hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
						r.Note = r.Path
						return append(dst, "HTTP/1.1 200 OK\r\nX-Filler: "+strings.Repeat("y", 400)+"\r\n"...), body, r.Method == method
					})
					v := newH2Viewer(t, &Server{Handler: echoes, Hitter: finishing{hitter, func(what any, n int64, err error) {
						if err != nil {
							t.Errorf("%v: %v", what, err)
						}
						told[what] = n
					}}})
					v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
					v.WriteWindowUpdate(0, 1<<24)
					for i := range uint32(row.hits) {
						v.ask(2*i+1, true, ":method: "+method, fmt.Sprint(":path: /", 2*i+1))
					}
					post := uint32(2*row.hits + 1)
					v.ask(post, false, ":method: POST", ":path: /")
					sent := strings.Repeat("0123456789abcdef", 1024)
					for i := range 10 {
						v.WriteData(post, i == 9, []byte(sent))
					}
					got := map[uint32]int{}
					for ended := 0; ended <= row.hits; {
						f := v.next()
						end := false
						switch f := f.(type) {
						case *http2.DataFrame:
							got[f.StreamID] += len(f.Data())
							end = f.StreamEnded()
						case *http2.MetaHeadersFrame:
							end = f.StreamEnded()
						case *http2.RSTStreamFrame, *http2.GoAwayFrame:
							t.Fatalf("got %v", f)
						}
						if end {
							ended++
						}
					}
					v.end()
					if got[post] != 10*len(sent) {
						t.Errorf("POST: %d bytes came back, want %d", got[post], 10*len(sent))
					}
					for i := range row.hits {
						want := row.bytes
						if method == http.MethodHead {
							want = 0
						}
						path := fmt.Sprint("/", 2*i+1)
						if n := got[uint32(2*i+1)]; n != want || told[path] <= int64(want) {
							t.Errorf("LOG-20: hit %d: %d bytes, told of %d, want %d and a head", i, n, told[path], want)
						}
					}
				})
			})
		}
	}
}

// TestHTTP2PingsWithoutReading: what cannot be put off is bounded, for a viewer who
// reads none of it.
func TestHTTP2PingsWithoutReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: miss, WriteTimeout: -1})
		defer v.end()
		pings := 0
		go func() {
			for v.WritePing(false, [8]byte{}) == nil {
				pings++
			}
		}()
		synctest.Wait()
		most := 2 * (h2MostBytes + h2ReadBytes) // as much may be on its way
		if n := pings * (frameHead + 8); n < h2MostBytes || n > most {
			t.Errorf("%d bytes are to be sent, want %d to %d", n, h2MostBytes, most)
		}
		for range pings {
			if f, ok := v.next().(*http2.PingFrame); !ok || !f.IsAck() {
				t.Fatalf("got %v, want an answer to each of %d", f, pings)
			}
		}
	})
}

// TestHTTP2HeadsWithoutReading: so are the heads of handlers.
func TestHTTP2HeadsWithoutReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const head = 4 << 10
		v := newH2Viewer(t, &Server{WriteTimeout: -1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Filler", strings.Repeat("&", head)) // a byte each
		})})
		defer v.end()
		for i := range uint32(h2Streams) {
			v.ask(2*i+1, true, ":path: /")
		}
		synctest.Wait()
		v.h.mu.Lock()
		waits := len(v.h.out)
		v.h.mu.Unlock()
		if waits < h2FlushBytes || waits > h2FlushBytes+head+200 {
			t.Errorf("%d bytes wait to be sent, want %d and one head", waits, h2FlushBytes)
		}
		for range h2Streams {
			if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || !f.StreamEnded() {
				t.Fatalf("got %v, want all answers", f)
			}
		}
	})
}

// TestHTTP2SlowToTakeIt: nobody is idle who is being sent something, and who has taken it
// has all the time that others have.
func TestHTTP2SlowToTakeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Hitter: hitFunc(hits), Handler: miss, WriteTimeout: -1})
		defer v.end()
		v.ask(1, true, ":path: /hit")
		time.Sleep(time.Hour)
		if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || f.PseudoValue("status") != "200" {
			t.Fatalf("got %v, want the answer", f)
		}
		began := time.Now()
		if code := v.goAway(); code != http2.ErrCodeNo {
			t.Errorf("sent away with %v", code)
		}
		between(t, "a viewer who then asks nothing", time.Since(began), 59*time.Second, 60*time.Second)
	})
}

// TestHTTP2TakesNothing: who reads nothing at all is let go like one who grants no
// window.
func TestHTTP2TakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Hitter: hitFunc(hits), Handler: miss})
		began := time.Now()
		v.ask(1, true, ":path: /hit")
		<-v.done
		between(t, "a viewer who reads nothing", time.Since(began), 30*time.Second, 31*time.Second)
		v.end()
	})
}

// twoWays is an end of a connection whose directions end separately.
type twoWays struct {
	net.Conn
	in  io.Reader
	out io.Writer
}

func (c twoWays) Read(p []byte) (int, error)      { return c.in.Read(p) }
func (c twoWays) Write(p []byte) (int, error)     { return c.out.Write(p) }
func (c twoWays) SetReadDeadline(time.Time) error { return nil }

// TestHTTP2HalfClosed: a viewer who has ended his side gets the answers that are there.
func TestHTTP2HalfClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		in, out := io.Pipe()
		v := newH2ViewerOn(t, &Server{Hitter: hitFunc(hits), Handler: miss}, twoWays{near, near, out}, twoWays{far, in, far})
		defer v.end()
		v.ask(1, true, ":path: /hit")
		out.Close()
		synctest.Wait()
		v.next()
		if f, ok := v.next().(*http2.DataFrame); !ok || string(f.Data()) != "hit /hit" {
			t.Errorf("got %v, want the body", f)
		}
		if _, err := v.ReadFrame(); err != io.EOF {
			t.Errorf("got %v, want the end", err)
		}
	})
}

// TestHTTP2HitsBehindAHandler: a hit that had no room behind what a handler sends goes when
// that has gone, also when it goes before the one that reads has looked.
func TestHTTP2HitsBehindAHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, wrote, send := make(chan struct{}), make(chan struct{}), make(chan struct{})
		var v *h2Viewer
		hitter := hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
			if r.Path == "/second" { // by the one that reads, as if this were the answer to a request before
				close(begin)
				<-wrote
				f := &http2.MetaHeadersFrame{HeadersFrame: &http2.HeadersFrame{FrameHeader: http2.FrameHeader{StreamID: 3}}}
				head, body, _ := hits(nil, &Request{Path: "/hit"})
				v.h.sendHit(f, &scratch{}, head, body)
				close(send)
				v.h.mu.Lock()
				for len(v.h.out) > 0 {
					v.h.changed.Wait()
				}
				v.h.mu.Unlock()
			}
			return nil, nil, false
		})
		v = newH2Viewer(t, &Server{Hitter: hitter, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/first" {
				<-begin
				w.Write(make([]byte, h2FlushBytes))
				close(wrote)
				<-send
				return
			}
			<-r.Context().Done()
		})})
		defer v.end()
		v.ask(1, true, ":path: /first")
		v.ask(5, true, ":path: /second")
		began := time.Now()
		for {
			if f, ok := v.next().(*http2.DataFrame); ok && f.StreamID == 3 && f.StreamEnded() {
				break
			}
		}
		between(t, "a hit behind a handler", time.Since(began), 0, 0)
	})
}

// TestHTTP2TurnsAreTaken: who sends a little gets his turns beside one who sends much.
func TestHTTP2TurnsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const much = 3 << 20 // a hundred turns
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/much" {
				w.Write(make([]byte, much))
				return
			}
			for range 10 {
				io.WriteString(w, "piece")
				w.(http.Flusher).Flush()
			}
		})})
		defer v.end()
		v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 30})
		v.WriteWindowUpdate(0, 1<<30)
		v.ask(1, true, ":path: /much")
		synctest.Wait()
		v.ask(3, true, ":path: /little")
		before := 0
		for before < much {
			synctest.Wait() // whose turn it is does not depend on how fast he reads
			f, ok := v.next().(*http2.DataFrame)
			if !ok {
				continue
			}
			if f.StreamID == 1 {
				before += len(f.Data())
			} else if f.StreamEnded() {
				break
			}
		}
		if before >= much {
			t.Errorf("10 pieces came after %d bytes of another answer", before)
		}
	})
}

// TestHTTP2AllAreTold: LOG-20: of hits that were to follow when sending failed, too.
func TestHTTP2AllAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := map[any]int{}
		hitter := hitFunc(func(dst []byte, r *Request) ([]byte, []byte, bool) {
			r.Note = r.Path
			return append(dst, "HTTP/1.1 200 OK\r\n"...), make([]byte, 20_000), true
		})
		v := newH2Viewer(t, &Server{Hitter: finishing{hitter, func(what any, n int64, err error) {
			if told[what]++; err == nil {
				t.Errorf("LOG-20: %v: told of no error", what)
			}
		}}})
		for i := range uint32(10) {
			v.ask(2*i+1, true, fmt.Sprint(":path: /", i))
		}
		<-v.done
		for i := range 10 {
			if n := told[fmt.Sprint("/", i)]; n != 1 {
				t.Errorf("LOG-20: told %d times of hit %d, want once", n, i)
			}
		}
		v.end()
	})
}

// TestHTTP2TakesNothingOfAHandler: as of a hit.
func TestHTTP2TakesNothingOfAHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { synctest.Wait() })})
		began := time.Now()
		v.ask(1, true, ":path: /")
		<-v.done
		between(t, "a viewer who reads nothing", time.Since(began), 30*time.Second, 31*time.Second)
		v.end()
	})
}

// TestHTTP2RefusalWaits: the body of a refusal waits for a window like any other.
func TestHTTP2RefusalWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: miss})
		defer v.end()
		go func() {
			v.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			v.say(1, true, ":method: GET", ":scheme: https", ":path: /", ":authority: ")
			v.WriteWindowUpdate(1, 10)
			v.WriteWindowUpdate(1, 1000)
		}()
		var body strings.Builder
		for {
			f, err := v.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			switch f := f.(type) {
			case *http2.DataFrame:
				body.Write(f.Data())
				if f.StreamEnded() {
					if got := body.String(); got != "400 Bad Request: missing Host\n" {
						t.Errorf("got %q", got)
					}
					return
				}
			case *http2.GoAwayFrame, *http2.RSTStreamFrame:
				t.Fatalf("got %v and %q, want all of the refusal", f, body.String())
			}
		}
	})
}

// TestHTTP2RefusedHead: a refusal of HEAD has no body. RFC 9110 §9.3.2
func TestHTTP2RefusedHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newH2Viewer(t, &Server{Handler: miss})
		defer v.end()
		go v.say(1, true, ":method: HEAD", ":scheme: https", ":path: /", ":authority: ")
		if f, ok := v.next().(*http2.MetaHeadersFrame); !ok || f.PseudoValue("status") != "400" || !f.StreamEnded() {
			t.Errorf("got %v, want 400 and the end", f)
		}
	})
}
