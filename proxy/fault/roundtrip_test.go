package fault

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy/distribution"
	"staleproof/proxy/origin"
)

// page is an origin that has a body of ten bytes.
type page struct {
	untold bool // its length
	asked  int
}

func (p *page) RoundTrip(r *http.Request) (*http.Response, error) {
	p.asked++
	const body = "0123456789"
	res := &http.Response{
		StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
	if !p.untold {
		res.ContentLength = int64(len(body))
		res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return res, nil
}

// outcome is what came of a request, and when.
type outcome struct {
	status int // of the answer, or of the error page
	body   string
	took   time.Duration // until the end of the body
	detail string        // of the error; "": none
	asked  int           // the origin was asked so often
}

// run sends one request through one fault in front of p.
func run(t *testing.T, f Fault, p *page, method string) (out outcome, length int64) {
	t.Helper()
	var s Set
	if _, err := s.Add(f); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	req := httptest.NewRequest(method, "http://web/a", nil)
	web := &distribution.Origin{ID: "web", ReadTimeout: 5 * time.Second}
	res, _, err := s.RoundTrip(Target{Origin: web, Next: p}, req)
	if err == nil {
		out.status, length = res.StatusCode, res.ContentLength
		var b []byte
		b, err = io.ReadAll(res.Body)
		res.Body.Close()
		out.body = string(b)
	}
	if err != nil {
		var e *origin.Error
		if !errors.As(err, &e) || e.Origin != "web" || !strings.Contains(err.Error(), "fault ") {
			t.Errorf("the error is %v, want one of the origin that names the fault", err)
		}
		a := origin.AnswerTo(err)
		out.detail = e.Phase.String() + " " + a.Detail
		if out.status == 0 {
			out.status = a.Status
		}
	}
	out.took, out.asked = time.Since(began), p.asked
	return out, length
}

func TestFaults(t *testing.T) {
	const whole = "0123456789"
	ms := time.Millisecond
	tests := []struct {
		name   string
		fault  Fault
		untold bool
		method string
		want   outcome
	}{
		{"latency", Fault{Type: Latency, Attributes: Attributes{Latency: 1500}}, false, "GET", outcome{200, whole, 1500 * ms, "", 1}},
		{"ORG-15: latency beyond the response timeout, three times", Fault{Type: Latency, Attributes: Attributes{Latency: 6000}}, false, "GET",
			outcome{504, "", 15 * time.Second, "read head OriginCommError", 0}},
		{"ORG-14: latency as long as the response timeout", Fault{Type: Latency, Attributes: Attributes{Latency: 5000}}, false, "POST",
			outcome{504, "", 5 * time.Second, "read head OriginCommError", 0}},
		{"ORG-14: a timeout longer than the response timeout", Fault{Type: Timeout, Attributes: Attributes{Timeout: 9000}}, false, "POST",
			outcome{504, "", 5 * time.Second, "read head OriginCommError", 0}},
		{"ORG-16: a POST is sent once", Fault{Type: Latency, Attributes: Attributes{Latency: 6000}}, false, "POST",
			outcome{504, "", 5 * time.Second, "read head OriginCommError", 0}},
		{"ORG-15: only the first try is struck", Fault{Type: Latency, Times: 1, Attributes: Attributes{Latency: 6000}}, false, "GET",
			outcome{200, whole, 5 * time.Second, "", 1}},
		{"timeout without end is the edge's", Fault{Type: Timeout}, false, "POST", outcome{504, "", 5 * time.Second, "read head OriginCommError", 0}},
		{"timeout closes the connection", Fault{Type: Timeout, Attributes: Attributes{Timeout: 2000}}, false, "GET",
			outcome{502, "", 2 * time.Second, "read head OriginReadError", 0}},
		{"reset at once", Fault{Type: ResetPeer}, false, "GET", outcome{502, "", 0, "read head OriginReadError", 0}},
		{"reset after a while", Fault{Type: ResetPeer, Attributes: Attributes{Timeout: 700}}, false, "GET",
			outcome{502, "", 700 * ms, "read head OriginReadError", 0}},
		{"status", Fault{Type: Status, Attributes: Attributes{Status: 503}}, false, "GET", outcome{503, "503 Service Unavailable: fault status\n", 0, "", 0}},
		{"status with a body", Fault{Type: Status, Attributes: Attributes{Status: 404, Body: "no"}}, false, "GET", outcome{404, "no", 0, "", 0}},
		{"status for a HEAD", Fault{Type: Status, Attributes: Attributes{Status: 404, Body: "no"}}, false, "HEAD", outcome{404, "", 0, "", 0}},
		{"a 204 has no body", Fault{Type: Status, Attributes: Attributes{Status: 204, Body: "no"}}, false, "GET", outcome{204, "", 0, "", 0}},
		{"COND-11: cut", Fault{Type: LimitData, Attributes: Attributes{Bytes: 4}}, false, "GET", outcome{200, "0123", 0, "read body OriginReadError", 1}},
		{"cut before the first byte", Fault{Type: LimitData}, false, "GET", outcome{200, "", 0, "read body OriginReadError", 1}},
		{"a body as long as the limit is whole", Fault{Type: LimitData, Attributes: Attributes{Bytes: 10}}, false, "GET", outcome{200, whole, 0, "", 1}},
		{"COND-12: truncated", Fault{Type: Truncate, Attributes: Attributes{Bytes: 4}}, false, "GET", outcome{200, "0123", 0, "", 1}},
		{"truncated to nothing", Fault{Type: Truncate}, false, "GET", outcome{200, "", 0, "", 1}},
		{"truncated beyond its end", Fault{Type: Truncate, Attributes: Attributes{Bytes: 11}}, false, "GET", outcome{200, whole, 0, "", 1}},
		{"bandwidth", Fault{Type: Bandwidth, Attributes: Attributes{Rate: 1}}, false, "GET", outcome{200, whole, 10 * ms, "", 1}},
		{"slow close of untold length", Fault{Type: SlowClose, Attributes: Attributes{Delay: 300}}, true, "GET", outcome{200, whole, 300 * ms, "", 1}},
		{"slow close where the length is known", Fault{Type: SlowClose, Attributes: Attributes{Delay: 300}}, false, "GET", outcome{200, whole, 0, "", 1}},
		{"ORG-14: a close that is too slow", Fault{Type: SlowClose, Attributes: Attributes{Delay: 6000}}, true, "GET",
			outcome{200, whole, 5 * time.Second, "read body OriginCommError", 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got, _ := run(t, tt.fault, &page{untold: tt.untold}, tt.method); got != tt.want {
					t.Errorf("%+v\n got %+v\nwant %+v", tt.fault, got, tt.want)
				}
			})
		})
	}
}

// What is truncated does not say so; what is cut does.
func TestLengths(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		want  int64
	}{
		{"truncated", Fault{Type: Truncate, Attributes: Attributes{Bytes: 4}}, -1},
		{"not truncated, since it is short", Fault{Type: Truncate, Attributes: Attributes{Bytes: 10}}, 10},
		{"cut", Fault{Type: LimitData, Attributes: Attributes{Bytes: 4}}, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, got := run(t, tt.fault, &page{}, "GET"); got != tt.want {
				t.Errorf("%s: the length is %d, want %d", tt.fault, got, tt.want)
			}
		})
	}
}

func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		var s Set
		if _, err := s.Add(Fault{Type: Latency, Attributes: Attributes{Latency: 1000, Jitter: 400}}); err != nil {
			t.Fatal(err)
		}
		to := Target{Origin: &distribution.Origin{ID: "web"}, Next: &page{}}
		for range 50 {
			began := time.Now()
			if _, _, err := s.RoundTrip(to, httptest.NewRequest("GET", "http://web/", nil)); err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			if took < 600*time.Millisecond || took > 1400*time.Millisecond {
				t.Fatalf("took %v, want 1 s ± 400 ms", took)
			}
			seen[took] = true
		}
		if len(seen) < 40 {
			t.Errorf("only %d different latencies in 50", len(seen))
		}
	})
}

// A request that is held goes on when the fault is deleted, and ends when its
// viewer leaves.
func TestHeldRequests(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *Set, leave func())
		want   string
	}{
		{"deleted", func(s *Set, _ func()) { s.Delete("timeout") }, "200 after 1s"},
		{"all cleared", func(s *Set, _ func()) { s.Clear() }, "200 after 1s"},
		{"the viewer leaves", func(_ *Set, leave func()) { leave() }, "left after 1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s Set
				if _, err := s.Add(Fault{Type: Timeout}); err != nil {
					t.Fatal(err)
				}
				ctx, leave := context.WithCancel(t.Context())
				began := time.Now()
				time.AfterFunc(time.Second, func() { tt.change(&s, leave) })
				res, struck, err := s.RoundTrip(Target{Origin: &distribution.Origin{ID: "web"}, Next: &page{}},
					httptest.NewRequest("GET", "http://web/", nil).WithContext(ctx))
				got := "left"
				if err == nil {
					got = strconv.Itoa(res.StatusCode)
				} else if !errors.Is(err, context.Canceled) {
					t.Errorf("the error is %v", err)
				}
				if got += " after " + time.Since(began).String(); got != tt.want || struck != "timeout" {
					t.Errorf("got %s, struck by %q, want %s", got, struck, tt.want)
				}
			})
		})
	}
}

func TestFaultsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Set
		for _, f := range []Fault{
			{Type: Latency, Attributes: Attributes{Latency: 100}},
			{Type: Latency, Attributes: Attributes{Latency: 200}},
			{Type: LimitData, Attributes: Attributes{Bytes: 8}},
			{Type: LimitData, Attributes: Attributes{Bytes: 3}},
			{Type: Timeout, Origin: "other"},
		} {
			if _, err := s.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		res, struck, err := s.RoundTrip(Target{Origin: &distribution.Origin{ID: "web"}, Next: &page{}}, httptest.NewRequest("GET", "http://web/", nil))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if took := time.Since(began); took != 300*time.Millisecond || string(b) != "012" || err == nil {
			t.Errorf("got %q, %v after %v, want the sum of latencies and the smaller limit", b, err, took)
		}
		if want := "latency, latency-2, limit_data, limit_data-2"; struck != want {
			t.Errorf("struck by %q, want %q", struck, want)
		}
		var counts []string
		for _, state := range s.List() {
			counts = append(counts, state.Name+" "+strconv.FormatInt(state.Struck, 10))
		}
		if got, want := strings.Join(counts, ", "), "latency 1, latency-2 1, limit_data 1, limit_data-2 1, timeout 0"; got != want {
			t.Errorf("counts are %s, want %s", got, want)
		}
	})
}

// The page comes in one piece, so that one read passes both limits.
func TestTheSmallerLimitCounts(t *testing.T) {
	tests := []struct {
		name            string
		truncate, limit int64
		want            string
		whole           bool
	}{
		{"the body ends before it would break off", 4, 8, "0123", true},
		{"the body breaks off before it would end", 8, 4, "0123", false},
		{"at the same place it ends", 4, 4, "0123", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Set
			for _, f := range []Fault{
				{Type: LimitData, Attributes: Attributes{Bytes: tt.limit}}, {Type: Truncate, Attributes: Attributes{Bytes: tt.truncate}},
			} {
				if _, err := s.Add(f); err != nil {
					t.Fatal(err)
				}
			}
			res, _, err := s.RoundTrip(Target{Origin: &distribution.Origin{ID: "web"}, Next: &page{}}, httptest.NewRequest("GET", "http://web/", nil))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(res.Body); string(b) != tt.want || (err == nil) != tt.whole {
				t.Errorf("truncate at %d, limit_data at %d: got %q, %v, want %q, whole %v", tt.truncate, tt.limit, b, err, tt.want, tt.whole)
			}
		})
	}
}

// No fault costs nothing: no allocation beyond what the origin makes.
func TestNoFaultCostsNothing(t *testing.T) {
	var s Set
	if _, err := s.Add(Fault{Type: Status, Attributes: Attributes{Status: 500}}); err != nil {
		t.Fatal(err)
	}
	s.Clear()
	if n := testing.AllocsPerRun(100, func() {
		if s.Any() {
			t.Fatal("a fault is set")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
