package control

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy"
)

// listening is a call of events in a bubble: what is written appears in lines.
type listening struct {
	*bufio.Scanner
	leave context.CancelFunc
	pipe  *pipe
}

// pipe is a ResponseWriter over an in-memory pipe.
type pipe struct {
	io.Writer
	header   http.Header
	status   int
	deadline atomic.Pointer[time.Time]
}

func (p *pipe) SetWriteDeadline(t time.Time) error { p.deadline.Store(&t); return nil }

func (p *pipe) Header() http.Header    { return p.header }
func (p *pipe) WriteHeader(status int) { p.status = status }
func (p *pipe) Flush()                 {}

func (h *house) listen(query string) *listening {
	ctx, cancel := context.WithCancel(context.Background())
	pr, pw := io.Pipe()
	p := &pipe{Writer: pw, header: http.Header{}}
	go func() {
		h.handler.ServeHTTP(p, request("GET", "events?"+query, "").WithContext(ctx))
		pw.Close()
	}()
	l := &listening{bufio.NewScanner(pr), func() { cancel(); pr.Close() }, p}
	l.line() // the comment that says that the listening has begun
	l.line()
	return l
}

// line is the next one; "end" when there are no more.
func (l *listening) line() string {
	if !l.Scan() {
		return "end"
	}
	return l.Text()
}

// event is the next event, as its name and URL.
func (l *listening) event(t *testing.T) (string, Event) {
	t.Helper()
	name := strings.TrimPrefix(l.line(), "event: ")
	var ev Event
	data, ok := strings.CutPrefix(l.line(), "data: ")
	if err := json.Unmarshal([]byte(data), &ev); !ok || err != nil || l.line() != "" {
		t.Fatalf("%s: %q is no data of an event: %v", name, data, err)
	}
	return name, ev
}

func TestEventsAreChosen(t *testing.T) {
	tests := []struct{ query, want string }{
		{"kind=answered&pop=1", "answered /a Miss, answered /a Hit, answered /b?x=1 Miss"},
		{"kind=answered&kind=fetching&pop=1&url=/a", "fetching /a , answered /a Miss, answered /a Hit"},
		{"kind=answered,fetching&pop=1&result=Miss", "answered /a Miss, answered /b?x=1 Miss"},
		{"kind=answered&pop=1&url=d.example/a", "answered /a Miss, answered /a Hit"},
		{"kind=answered&pop=1&url=/b*", "answered /b?x=1 Miss"},
		{"kind=answered&pop=1&url=/b", ""},
		{"kind=replied", "replied /a , replied /a , replied /b , replied /b?x=1 "},
		{"kind=replied&pop=regional", "replied /a , replied /b "},
		{"distribution=E0", ""},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				defer h.close()
				l := h.listen(tt.query)
				for _, path := range []string{"/a", "/a", "/b?x=1"} {
					h.get("http://d.example"+path, "1")
				}
				h.Feed.Close()
				var got []string
				for {
					line := l.line()
					if line == "end" {
						break
					}
					var ev Event
					if data, ok := strings.CutPrefix(line, "data: "); ok {
						if err := json.Unmarshal([]byte(data), &ev); err != nil {
							t.Fatal(err)
						}
						got = append(got, string(ev.Kind)+" "+strings.TrimPrefix(ev.URL, "d.example")+" "+string(ev.Result))
					}
				}
				if s := strings.Join(got, ", "); s != tt.want {
					t.Errorf("got %q, want %q", s, tt.want)
				}
			})
		})
	}
}

func TestEventsThatAreNotThere(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	for query, want := range map[string]string{
		"kind=answer": `kind: \"answer\" is none of arrived`, "pop=9": "pop: there is no edge location", "host=x": "host: this call takes kind, distribution, pop, result, url",
		"result=hit": `result: \"hit\" is none of Hit RefreshHit Miss Error Redirect`,
	} {
		if status, body := h.call("GET", "events?"+query, ""); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	if h.Feed.Listeners() != 0 {
		t.Error("who was refused listens")
	}
	for range proxy.MaxListeners {
		if _, err := h.Feed.Listen(nil); err != nil {
			t.Fatal(err)
		}
	}
	if status, body := h.call("GET", "events", ""); status != 503 || !strings.Contains(body, "16 listeners") {
		t.Errorf("one listener too many: %d %s", status, body)
	}
}

// A listener hears something every heartbeat, and is forgotten when he leaves.
func TestEventsHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.close()
		l := h.listen("kind=answered")
		began := time.Now()
		for i := 1; i <= 3; i++ {
			if line := l.line() + l.line(); line != ": still here" || time.Since(began) != time.Duration(i)*heartbeat {
				t.Errorf("heartbeat %d: %q after %v", i, line, time.Since(began))
			}
			if left := time.Until(*l.pipe.deadline.Load()); left != writeTimeout {
				t.Errorf("heartbeat %d: a listener who takes nothing is given %v", i, left)
			}
		}
		h.get("http://d.example/a", "2")
		if name, ev := l.event(t); name != "answered" || ev.POP != "regional" {
			t.Errorf("got %s %+v", name, ev)
		}
		l.leave()
		synctest.Wait()
		if h.Feed.Listeners() != 0 {
			t.Error("who left still listens")
		}
	})
}

// A listener who does not read never holds the edge up, and is told what he missed.
func TestEventsToASlowListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.close()
		l := h.listen("kind=answered&pop=1")
		const asked = 3000
		for range asked {
			h.get("http://d.example/a", "1")
		}
		synctest.Wait()
		h.Feed.Close()
		told, dropped := 0, int64(0)
		for line := l.line(); line != "end"; line = l.line() {
			switch data, ok := strings.CutPrefix(line, "data: "); {
			case !ok:
			case strings.Contains(data, "dropped"):
				var d Dropped
				if err := json.Unmarshal([]byte(data), &d); err != nil {
					t.Fatal(err)
				}
				dropped += d.Dropped
			default:
				told++
			}
		}
		if int64(told)+dropped != asked || dropped == 0 || told < 1000 {
			t.Errorf("%d events, %d dropped, want %d together and some of both", told, dropped, asked)
		}
	})
}

// Over a socket an event arrives when it happens, not when the stream ends.
func TestEventsOverASocket(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	server := httptest.NewServer(h.handler)
	defer server.Close()
	defer h.Feed.Close()
	res, err := http.Get(server.URL + Prefix + "events?kind=answered")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type: %s", got)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Scan()
	h.get("http://d.example/a", "1")
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "event: answered") {
			return
		}
	}
	t.Errorf("the stream ended before the event: %v", lines.Err())
}
