package control

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/fault"
)

// house is a door to a network of two edge locations and a regional one, whose
// origin says "hello".
type house struct {
	*Door
	t       *testing.T
	handler http.Handler
}

func newHouse(t *testing.T) *house {
	t.Helper()
	d, err := distribution.Simple("http://web.example", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	door := &Door{Clock: &proxy.Clock{}, Faults: &fault.Set{}, Feed: &proxy.Feed{}}
	door.Network, err = proxy.NewNetwork(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, Now: door.Clock.Now, MemoryBytes: 8 << 20,
		Faults: door.Faults, Feed: door.Feed,
		Origins: map[string]http.RoundTripper{"origin": proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "hello")
		}))},
	}, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	return &house{Door: door, t: t, handler: door.Handler()}
}

// request is a call as a local client sends it.
func request(method, path, body string) *http.Request {
	if !strings.HasPrefix(path, "/") {
		path = Prefix + path
	}
	return httptest.NewRequest(method, "http://127.0.0.1:9180"+path, strings.NewReader(body))
}

// call makes a call; path is what follows the prefix.
func (h *house) call(method, path, body string) (int, string) {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, request(method, path, body))
	return w.Code, w.Body.String()
}

// get is a viewer's request at an edge location.
func (h *house) get(url, pop string) {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set(proxy.POPHeader, pop)
	res, err := h.Network.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
}

func (h *house) close() {
	if err := h.Network.Close(); err != nil {
		h.t.Error(err)
	}
}

func TestClockCalls(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		want       string // in the answer
	}{
		{"by a duration", `{"advance": "24h"}`, 200, `"ahead": "24h0m0s"`},
		{"to a time", `{"set": "2099-01-01T00:00:00Z"}`, 200, `"now": "2099-01-01T00:00:00`},
		{"back to a time", `{"set": "1999-01-01T00:00:00Z"}`, 400, "the clock only goes forward"},
		{"by nothing", `{"advance": "0s"}`, 400, "the clock only goes forward"},
		{"to a time too far away", `{"set": "9999-01-01T00:00:00Z"}`, 400, "at most 36500 days ahead"},
		{"by no duration", `{"advance": "soon"}`, 400, "is not a duration"},
		{"both", `{"advance": "1s", "set": "2099-01-01T00:00:00Z"}`, 400, "say either"},
		{"neither", `{}`, 400, "say either"},
		{"a field that is not known", `{"advanced": "1s"}`, 400, "unknown field"},
		{"a number", `{"advance": 5}`, 400, "advance: a JSON number where text is wanted"},
		{"a list", `[]`, 400, "a JSON array where an object is wanted"},
		{"no body", ``, 400, "there is no body"},
		{"half of it", `{"advance`, 400, "it ends in the middle"},
		{"no JSON", `advance=1s`, 400, "read the body as JSON"},
		{"two values", `{"advance": "1s"}{}`, 400, "more than one value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			defer h.close()
			if status, body := h.call("POST", "clock", tt.body); status != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%s: got %d %s, want %d and %q", tt.body, status, body, tt.status, tt.want)
			}
			if ahead := h.Clock.Ahead(); (ahead > 0) != (tt.status == 200) {
				t.Errorf("%s: the clock is %v ahead", tt.body, ahead)
			}
		})
	}
}

func TestFaultCalls(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"an unknown origin", "POST", "faults", `{"type": "timeout", "origin": "wbe"}`, 400, "origin: there is no wbe, only: origin"},
		{"an unknown distribution", "POST", "faults", `{"type": "timeout", "distribution": "E0"}`, 400, "distribution: there is no E0, only: E"},
		{"an unknown type", "POST", "faults", `{"type": "slow"}`, 400, `type: \"slow\" is none of`},
		{"a toxicity of 0", "POST", "faults", `{"type": "timeout", "toxicity": 0}`, 400, "toxicity: 0 would strike no request"},
		{"a name that is taken", "POST", "faults", `{"type": "timeout", "name": "first"}`, 409, "of this name already"},
		{"the default toxicity", "POST", "faults", `{"type": "timeout", "origin": "origin"}`, 200, `"toxicity": 1`},
		{"a toxicity", "POST", "faults", `{"type": "timeout", "toxicity": 0.25}`, 200, `"toxicity": 0.25`},
		{"the list", "GET", "faults", ``, 200, `"name": "first"`},
		{"one that is not there", "DELETE", "faults/second", ``, 404, "there is no fault second"},
		{"the one", "DELETE", "faults/first", ``, 200, `"deleted": 1`},
		{"all", "DELETE", "faults", ``, 200, `"deleted": 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			defer h.close()
			if _, err := h.Faults.Add(fault.Fault{Name: "first", Type: fault.Timeout, Path: "/x"}); err != nil {
				t.Fatal(err)
			}
			if status, body := h.call(tt.method, tt.path, tt.body); status != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%s %s %s: got %d %s, want %d and %q", tt.method, tt.path, tt.body, status, body, tt.status, tt.want)
			}
		})
	}
}

func TestResetCall(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.get("http://d.example/a", "1")
	h.call("POST", "faults", `{"type": "timeout", "path": "/x"}`)
	h.call("POST", "invalidations", `{"paths": ["/b"]}`)
	h.call("POST", "clock", `{"advance": "1h"}`)
	if status, body := h.call("POST", "reset", `{"clock": true}`); status != 400 || !strings.Contains(body, "reset takes nothing") {
		t.Errorf("a reset with a body: %d %s", status, body)
	}
	if status, body := h.call("POST", "reset", ""); status != 200 || !strings.Contains(body, `"faults": 1`) {
		t.Errorf("got %d %s", status, body)
	}
	for _, path := range []string{"keys", "invalidations", "faults", "counts"} {
		if _, body := h.call("GET", path, ""); strings.Contains(body, `"count"`) || strings.Contains(body, `"key"`) || strings.Contains(body, `"id"`) || strings.Contains(body, `"name"`) {
			t.Errorf("%s after a reset: %s", path, body)
		}
	}
	if h.Clock.Ahead() != time.Hour {
		t.Errorf("the clock is %v ahead, want it to stay at an hour", h.Clock.Ahead())
	}
}

func TestExplainChoosesAnEdgeLocation(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.get("http://d.example/a", "2")
	for _, tt := range []struct{ pop, want string }{
		{"1", `"reason": "nothing stored for this key"`}, {"2", `"reason": "fresh: its lifetime is not over"`}, {"3", `there is no edge location`},
	} {
		if _, body := h.call("POST", "explain", `{"url": "http://d.example/a", "pop": "`+tt.pop+`"}`); !strings.Contains(body, tt.want) {
			t.Errorf("POST, pop %s: %s", tt.pop, body)
		}
		if _, body := h.call("GET", "explain?url=http://d.example/a&pop="+tt.pop, ""); !strings.Contains(body, tt.want) {
			t.Errorf("GET, pop %s: %s", tt.pop, body)
		}
	}
}

func TestMetrics(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.get("http://d.example/a", "1")
	h.get("http://d.example/a", "1")
	status, body := h.call("GET", "/metrics", "")
	id := h.Network.Distributions()[0].ID
	for _, want := range []string{
		`staleproof_answers_total{pop="FRA56-P1",distribution="` + id + `",behavior="*",result="Hit",reason="fresh: its lifetime is not over"} 1` + "\n",
		`staleproof_answers_total{pop="regional",distribution="` + id + `",behavior="*",result="Miss",reason="nothing stored for this key"} 1` + "\n",
		`staleproof_origin_requests_total{pop="regional",distribution="` + id + `",origin="origin",status="200",failure=""} 1` + "\n",
		`staleproof_store_bytes{pop="regional"} `, "staleproof_clock_ahead_seconds 0\n", "staleproof_faults 0\n", "process_resident_memory_bytes ", "go_goroutines ",
	} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%d, no %q in\n%.3000s", status, want, body)
		}
	}
}

func TestSeriesEscapeLabels(t *testing.T) {
	if got, want := series("a", "b", "x\"y\\z\n", "c", ""), `a{b="x\"y\\z\n",c=""}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
