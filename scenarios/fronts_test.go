package scenarios

import (
	"io"
	"log"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"staleproof/proxy"
	"staleproof/proxy/front"
	"staleproof/proxy/front/fronttest"
)

// through gives viewers the way through a front, our own or net/http alone, over
// HTTP/1.1 or HTTP/2.
func through(netHTTP, http2 bool) func(*proxy.Network) (http.RoundTripper, func()) {
	return func(nw *proxy.Network) (http.RoundTripper, func()) {
		return fronttest.Way(&front.Server{
			Hitter: nw, Handler: nw, Refuse: nw.Refuse, NetHTTP: netHTTP, ErrorLog: log.New(io.Discard, "", 0),
		}, http2)
	}
}

// unlike plays a story whose viewers call the edge, and through each front, and says
// where two of these differ in a byte that a viewer or an origin got, or in a result or
// reason; "" if nowhere. The ids are no exception: the seed makes them, in order.
func unlike(t *testing.T, s *Scenario, http2 bool) string {
	const patience = time.Minute // of a machine that has much else to do
	called := Play(t.Context(), s, Options{Stall: patience})
	ours := Play(t.Context(), s, Options{Stall: patience, Through: through(false, http2)})
	theirs := Play(t.Context(), s, Options{Stall: patience, Through: through(true, http2)})
	if ours.Passed() != called.Passed() || theirs.Passed() != called.Passed() {
		return called.String() + "through our front: " + ours.String() + "through net/http: " + theirs.String()
	}
	if d := difference(ours.Verbose(), theirs.Verbose()); d != "" {
		return "our front and net/http: " + d
	}
	want, got := called.Verbose(), ours.Verbose()
	if http2 { // which has no such field, and the origin is told how the viewer came [XC-13]
		want = connection.ReplaceAllString(want, "")
		got = strings.ReplaceAll(got, "Via: 2.0 ", "Via: 1.1 ")
	}
	if d := difference(want, got); d != "" {
		return "called, and through our front: " + d
	}
	return ""
}

var connection = regexp.MustCompile(`(?m)^ *Connection: .*\n`)

var protocols = map[string]bool{"HTTP 1.1": false, "HTTP 2": true}

// Every story goes the same way through either front, and as when its viewers call the
// edge.
func TestStoriesThroughFronts(t *testing.T) {
	all, err := Stories()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for name, http2 := range protocols {
			t.Run(s.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				if d := unlike(t, s, http2); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// So does every story that could be told.
func TestRandomStoriesThroughFronts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if d := unlike(t, randomStory(rt), rapid.Bool().Draw(rt, "over HTTP/2")); d != "" {
			rt.Fatal(d)
		}
	})
}
