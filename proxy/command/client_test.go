package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/control"
	"staleproof/proxy/distribution"
)

// running is a server's control door and a viewer's way to its edge.
type running struct {
	t   *testing.T
	url string
	nw  *proxy.Network
}

func newRunning(t *testing.T) *running {
	t.Helper()
	d, err := distribution.Simple("http://web.example", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	var parts doorParts
	door := &control.Door{Clock: &proxy.Clock{}}
	config := proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, Now: door.Clock.Now, MemoryBytes: 8 << 20,
		Origins: map[string]http.RoundTripper{"origin": proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "hello")
		}))},
	}
	parts.join(&config)
	if door.Network, err = proxy.NewNetwork(config, 1, false); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(parts.server(door).Handler)
	t.Cleanup(func() {
		parts.feed.Close() // a listener would keep the server
		srv.Close()
		door.Network.Close()
	})
	return &running{t, srv.URL, door.Network}
}

// do runs the program's command line against it.
func (r *running) do(args ...string) (out string, err error) {
	var b bytes.Buffer
	app := &cli.App{Name: "staleproof", Commands: Commands(), Writer: &b, ErrWriter: &b, ExitErrHandler: func(*cli.Context, error) {}}
	full := append([]string{"staleproof", args[0], "--control", r.url}, args[1:]...)
	err = app.RunContext(context.Background(), full)
	return b.String(), err
}

func (r *running) get(path string) {
	r.t.Helper()
	res, err := r.nw.RoundTrip(httptest.NewRequest(http.MethodGet, "http://d.example"+path, nil))
	if err != nil {
		r.t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
}

// Each step says what it prints, one after the other, against one server.
func TestCommandsAboutARunningEdge(t *testing.T) {
	r := newRunning(t)
	r.get("/a")
	r.get("/b")
	steps := []struct {
		args  string
		want  []string // in what is printed, in this order
		wrong string   // the mistake; "": none
		hint  string
	}{
		{"keys", []string{"EDGE", "FRESH FOR", "FRA56-P1", "200", "/a", "/b"}, "", ""},
		{"keys /a", []string{"/a"}, "", ""},
		{"keys /none", []string{"nothing is stored"}, "", ""},
		{"keys --limit 1", []string{"/a", "… and more: --limit 2"}, "", ""},
		{"keys --json /b", []string{`"uri": "/b"`}, "", ""},
		{"keys --pop 7", nil, "pop: there is no edge location", "docs/CONTROL.md"},
		{"keys --limit 0", nil, "--limit 0 is below 1", "--limit 1000"},
		{"keys /a /b", nil, "keys takes one path, but there are 2", "with quotes"},
		{"keys /a --json", nil, "--json stands after an argument", "put flags before"},
		{"faults", []string{"no fault is set"}, "", ""},
		{"faults add latency=2s origin=origin times=2", []string{"NAME", "latency latency=2000", "origin", "all", "1", "0 of 2", "staleproof faults delete latency"}, "", ""},
		{"faults add status=503 path=/x*", []string{"status status=503", "all", "/x*"}, "", ""},
		{"faults", []string{"latency", "status"}, "", ""},
		{"faults --json", []string{`"name": "latency"`, `"struck": 0`}, "", ""},
		{"faults add latency=2s name=latency", nil, "of this name already", "docs/CONTROL.md"},
		{"faults add latency=2s origin=wbe", nil, "origin: there is no wbe, only: origin", "docs/CONTROL.md"},
		{"faults add quickly", nil, `"quickly" is no type of fault`, "staleproof faults add latency=2s"},
		{"faults remove latency", nil, `faults does not understand "remove latency"`, "staleproof faults add"},
		{"faults delete", nil, "faults delete wants a NAME", "staleproof faults clear"},
		{"faults add", nil, "faults add wants a TYPE", "staleproof faults add latency=2s"},
		{"faults delete latency nothing", nil, `no fault is named "nothing"; none was deleted`, "staleproof faults lists them"},
		{"faults delete latency", []string{"1 fault deleted"}, "", ""},
		{"clock set 2099-01-01T00:00:00Z", []string{"2099-01-01T00:00:0"}, "", ""},
		{"clock advance -1h", nil, `"-1h" is not a duration: it is negative`, "staleproof clock advance 24h"},
		{"clock set tomorrow", nil, `"tomorrow" is no time`, "staleproof clock set 20"},
		{"clock set 1999-01-01T00:00:00Z", nil, "the clock only goes forward", "docs/CONTROL.md"},
		{"reset now", nil, "reset takes no arguments", "staleproof invalidate PATH"},
		{"reset", []string{"nothing is stored", "1 fault deleted", "the clock stays"}, "", ""},
		{"keys", []string{"nothing is stored"}, "", ""},
		{"faults clear", []string{"0 faults deleted"}, "", ""},
		{"events /a", nil, "events takes no arguments", "--url '/a'"},
		{"explain --header Accept-Encoding:gzip,br --json http://d.example/a", []string{`"action"`}, "", ""},
		{"explain --header :x http://d.example/a", nil, `--header ":x" is not NAME: VALUE`, "Accept-Encoding: gzip, br"},
		{"events --kind answer", nil, "is none of arrived", "docs/CONTROL.md"},
	}
	for _, tt := range steps {
		t.Run(tt.args, func(t *testing.T) {
			out, err := r.do(strings.Fields(tt.args)...)
			if tt.wrong == "" {
				rest := out
				for _, want := range tt.want {
					_, after, ok := strings.Cut(rest, want)
					if !ok {
						t.Fatalf("%v, no %q in order in\n%s", err, want, out)
					}
					rest = after
				}
				if err != nil {
					t.Errorf("failed: %v", err)
				}
				return
			}
			var coded interface {
				ExitCode() int
				Hint() string
			}
			if err == nil || !strings.Contains(err.Error(), tt.wrong) || !errors.As(err, &coded) || coded.ExitCode() != 2 || !strings.Contains(coded.Hint(), tt.hint) {
				t.Errorf("got %v\n%s\nwant %q with the hint %q and exit code 2", err, out, tt.wrong, tt.hint)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	other := srv.URL
	r := &running{t: t, url: other}
	if _, err := r.do("keys"); err == nil || !strings.Contains(err.Error(), "answered 404") {
		t.Errorf("something else that answers: %v", err)
	}
	srv.Close()
	for _, command := range []string{"keys", "faults", "reset", "events"} {
		if _, err := r.do(command); err == nil || !strings.Contains(err.Error(), "no staleproof answers at "+other) {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// stream is what the door sends to a listener.
const stream = `: listening

event: answered
data: {"at":"2026-11-24T12:00:00Z","kind":"answered","pop":"FRA56-P1","method":"GET","url":"d.example/a","status":200,"result":"Hit","reason":"fresh: its lifetime is not over"}

event: replied
data: {"at":"2026-11-24T12:00:01Z","kind":"replied","pop":"FRA56-P1","method":"GET","url":"d.example/\u001b[2J","status":503,"fault":"status"}

: still here

event: dropped
data: {"dropped":3}

event: warned
data: {"at":"2026-11-24T12:00:02Z","kind":"warned","pop":"regional","url":"d.example/b","detail":"kept for everybody","row":"QS-11"}

`

func TestEventsAsATable(t *testing.T) {
	var b bytes.Buffer
	heard := 0
	if err := readEvents(strings.NewReader(stream), func() { heard++ }, showTable(&b)); err != nil {
		t.Fatal(err)
	}
	const want = `TIME          EDGE      RESULT            METHOD   URL                                       WHY
12:00:00.000  FRA56-P1  Hit          200  GET      d.example/a                               fresh: its lifetime is not over
12:00:01.000  FRA56-P1  replied      503  GET      d.example/?[2J                            fault status
… 3 events were too fast for this terminal and are not shown
12:00:02.000  regional  warned                     d.example/b                               kept for everybody [QS-11]
`
	if b.String() != want || heard != strings.Count(stream, "\n") {
		t.Errorf("heard %d lines, got\n%s\nwant\n%s", heard, &b, want)
	}
	if err := readEvents(strings.NewReader("data: {\n"), func() {}, showTable(io.Discard)); err == nil {
		t.Error("data that is no JSON is no error")
	}
}

// The command shows events as lines of JSON, asks for those it is told to, and ends
// when the server does.
func TestEventsEndWithTheServer(t *testing.T) {
	asked := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery
		io.WriteString(w, stream)
	}))
	defer srv.Close()
	out, err := (&running{t: t, url: srv.URL}).do("events", "--json", "--kind", "all", "--url", "/a", "--pop", "1")
	if err != nil || asked != "pop=1&url=%2Fa" || strings.Count(out, "\n") != 5 || !strings.HasPrefix(out, `{"at":"2026-11-24T12:00:00Z","kind":"answered"`) ||
		!strings.HasSuffix(out, "has stopped\n") {
		t.Errorf("asked %s, got %v\n%s", asked, err, out)
	}
}
