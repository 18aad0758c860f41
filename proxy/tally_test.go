package proxy_test

import (
	"fmt"
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

// sums are the counts of answers as lines, "Hit: fresh 3".
func sums(c proxy.Counts) string {
	var lines []string
	for _, a := range c.Answers {
		reason, _, _ := strings.Cut(string(a.Reason), ":")
		lines = append(lines, fmt.Sprintf("%s %s %s: %s %d", a.Distribution, a.Behavior, a.Result, reason, a.Count))
	}
	for _, o := range c.Origins {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %d %d %s", o.Origin, o.Status, o.Count, o.Failure)))
	}
	for _, l := range c.Lost {
		lines = append(lines, fmt.Sprintf("lost %d %s", l.Count, l.Why))
	}
	return strings.Join(lines, "\n")
}

// The short way and the long way count the same things.
func TestCounts(t *testing.T) {
	faults := &fault.Set{}
	w := newWorld(t, optimized(), page("hello"), func(c *proxy.Config) { c.Faults, c.Observe = faults, nil })
	w.do("/a")
	w.do("/a")
	for range 2 {
		r := httptest.NewRequest(http.MethodGet, "http://d.example/a", nil)
		r.RequestURI = "/a"
		if _, _, ok := w.edge.Hit(nil, frontRequest(r)); !ok {
			t.Fatal("no hit")
		}
	}
	if _, err := faults.Add(fault.Fault{Type: fault.ResetPeer}); err != nil {
		t.Fatal(err)
	}
	w.do("/b")
	w.do("TRACE /a")
	d := optimized()
	want := strings.ReplaceAll(strings.Join([]string{
		"ID * Error: the cache behavior does not allow the method 1",
		"ID * Error: the origin could not be reached or did not answer 1",
		"ID * Hit: fresh 3",
		"ID * Miss: nothing stored for this key 1",
		"origin 200 1",
		"origin 502 1 OriginReadError",
	}, "\n"), "ID", d.ID)
	if got := sums(w.edge.Counts()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A distribution that is replaced goes on counting, and another tier counts apart.
func TestCountsOutliveAReplacement(t *testing.T) {
	l := newLive(t, page("x"), optimized())
	l.get("http://any/a")
	l.serve(keyed(optimized().ID))
	l.get("http://any/a")
	l.get("http://any/a")
	got := map[string]int64{}
	for _, a := range l.Counts().Answers {
		got[a.POP+" "+string(a.Result)] += a.Count
	}
	if got["FRA56-P1 Hit"] != 2 || got["FRA56-P1 Miss"] != 1 || got["regional Miss"] != 1 || len(got) != 3 {
		t.Errorf("counted %v", got)
	}
	if o := l.Counts().Origins; len(o) != 1 || o[0].POP != "regional" || o[0].Count != 1 {
		t.Errorf("origins: %+v, want one request of the regional tier", o)
	}
}

func TestCountsAreBounded(t *testing.T) {
	var ds []*distribution.Distribution
	for i := range 5000 {
		ds = append(ds, optimized(func(d *distribution.Distribution) {
			d.ID, d.Domain = fmt.Sprintf("E%d", i), fmt.Sprintf("d%d.example", i)
			d.Aliases = nil
		}))
	}
	l := newLive(t, page("x"), ds...)
	for _, d := range ds {
		l.get("http://" + d.Domain + "/a")
	}
	var total int64
	c := l.POPs[0].Counts()
	for _, a := range c.Answers {
		total += a.Count
	}
	if len(c.Answers) > 4097 || total != 5000 {
		t.Errorf("%d rows that add up to %d, want at most 4097 and 5000", len(c.Answers), total)
	}
}

// A response that memory cannot keep is an event and a count.
func TestLosses(t *testing.T) {
	big := strings.Repeat("x", 300<<10)
	w := newWorld(t, optimized(), page(big), func(c *proxy.Config) { c.MemoryBytes = 100 << 10 })
	w.do("/a?x=1")
	lost := w.kinds(proxy.Lost)
	if len(lost) != 1 {
		t.Fatalf("%d events of a loss, want 1", len(lost))
	}
	ev, d := lost[0], optimized()
	if ev.Distribution != d.ID || ev.URL != d.Domain+"/a" || ev.Bytes != int64(len(big)) || ev.Detail == "" || !ev.At.Equal(epoch) {
		t.Errorf("got %+v", ev)
	}
	if got := sums(w.edge.Counts()); !strings.Contains(got, "lost 1 refused: larger than memory") {
		t.Errorf("counted:\n%s", got)
	}
}

// Faults strike what is outside the network, once, whatever tiers there are.
func TestFaultsStandBeforeTheOrigin(t *testing.T) {
	faults := &fault.Set{}
	nw, err := proxy.NewNetwork(proxy.Config{
		Distributions: []*distribution.Distribution{optimized()}, AnyHost: true, MemoryBytes: 8 << 20, Now: func() time.Time { return epoch },
		Origins: map[string]http.RoundTripper{optimized().Origins[0].ID: proxy.Handler(page("x"))}, Faults: faults,
	}, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	defer nw.Close()
	if _, err := faults.Add(fault.Fault{Type: fault.Status, Distribution: optimized().ID, Path: "/a*", Attributes: fault.Attributes{Status: 503}}); err != nil {
		t.Fatal(err)
	}
	l := live{t, nw}
	l.want("http://any/a", "Service Unavailable Error 503 Service Unavailable: fault status\n")
	l.want("http://any/b", "OK Miss x")
	if struck := faults.List()[0].Struck; struck != 1 {
		t.Errorf("struck %d times, want once", struck)
	}
	faults.Clear()
	l.want("http://any/a2", "OK Miss x")
}

// The events of a struck request name the fault.
func TestFaultsAreToldOf(t *testing.T) {
	faults := &fault.Set{}
	w := newWorld(t, optimized(), page("x"), func(c *proxy.Config) { c.Faults = faults })
	if _, err := faults.Add(fault.Fault{Name: "f", Type: fault.LimitData}); err != nil {
		t.Fatal(err)
	}
	w.do("/a")
	if got := w.kinds(proxy.Replied); len(got) != 1 || got[0].Fault != "f" || got[0].Behavior == "" {
		t.Errorf("got %+v", got)
	}
	if refused := w.kinds(proxy.Refused); len(refused) != 1 || !strings.Contains(refused[0].Detail, "fault f") {
		t.Errorf("COND-11: refused are %+v", refused)
	}
	if got := w.kinds(proxy.Answered); len(got) != 1 || got[0].Result != cachepolicy.Error {
		t.Errorf("answered %+v", got)
	}
}
