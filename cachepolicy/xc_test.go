package cachepolicy

import (
	"testing"
	"time"
)

func TestViewerHeader(t *testing.T) {
	plain := optimized()
	bucket := plain.with(func(t *Terms) { t.S3 = true })
	origin := header("Server", "nginx", "Content-Type", "text/html", "X-Custom", "1", "Access-Control-Allow-Origin", "*")
	for _, row := range []struct {
		row      string
		terms    Terms
		in, want []string
	}{
		{"RSP-01, RSP-10, XC-20: what the origin sends is returned", plain, nil, nil},
		{"XC-22, RSP-03: Trailer and Upgrade are dropped", plain, []string{"Trailer", "x", "Upgrade", "h2c"}, nil},
		{"XC-22: Transfer-Encoding is the connection's", plain, []string{"Transfer-Encoding", "chunked"}, nil},
		{"XC-22: so are these", plain, []string{"Connection", "keep-alive", "Keep-Alive", "timeout=5", "Proxy-Connection", "close"}, nil},
		{"XC-22: and what Connection names", plain, []string{"Connection", "close, X-Hop", "X-Hop", "1", "Close", "stays"}, []string{"Close", "stays"}},
		{"XC-22, RSP-02: Set-Cookie, no cookies forwarded", plain, []string{"Set-Cookie", "a=1"}, nil},
		{"XC-22, RSP-02: Set-Cookie, cookies forwarded", cookied(every), []string{"Set-Cookie", "a=1"}, []string{"Set-Cookie", "a=1"}},
		{"XC-21, RSP-14: a bucket's ids are removed", bucket,
			[]string{"x-amz-id-2", "1", "x-amz-request-id", "2", "x-amz-version-id", "3", "x-amz-server-side-encryption", "AES256"},
			[]string{"x-amz-version-id", "3", "x-amz-server-side-encryption", "AES256"}},
		{"XC-21: another origin's stay", plain, []string{"x-amz-id-2", "1"}, []string{"x-amz-id-2", "1"}},
		{"XC-05: the origin's Age passes", plain, []string{"Age", "0"}, []string{"Age", "0"}},
	} {
		t.Run(row.row, func(t *testing.T) {
			in, want := origin.Clone(), origin.Clone()
			for name, values := range header(row.in...) {
				in[name] = values
			}
			for name, values := range header(row.want...) {
				want[name] = values
			}
			before := in.Clone()
			same(t, "viewer header", row.terms.ViewerHeader(in), want)
			same(t, "the origin's header afterwards", in, before)
		})
	}
}

func TestAge(t *testing.T) {
	terms := bounds(0, 600, 600)
	restarts := terms.under(func(e *Emulation) { e.OriginAgeRestarts = true })
	aged := says(200, "Age", "100", "ETag", `"a"`)
	play(t, []story{
		{"XC-04, XC-06: no Age on a Miss, seconds since storage on a Hit", terms, []step{
			{0, nil, says(200), "Miss 200 asked"},
			{0, nil, nil, "Hit 200 age 0"},
			{17, nil, nil, "Hit 200 age 17"},
		}},
		{"XC-07: no Age on a RefreshHit, and the next counts from it", terms, []step{
			{0, nil, says(200, "ETag", `"a"`), "Miss 200 asked"},
			{600, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{603, nil, nil, "Hit 200 age 3"},
		}},
		{"XC-05, unknown 7: ours goes on from the origin's", terms, []step{
			{0, nil, aged, "Miss 200 asked"},
			{5, nil, nil, "Hit 200 age 105"},
			{600, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{605, nil, nil, "Hit 200 age 5"},
		}},
		{"XC-05, unknown 7: ours begins anew, the other reading", restarts, []step{
			{0, nil, aged, "Miss 200 asked"},
			{5, nil, nil, "Hit 200 age 5"},
		}},
		{"unknown 7: an Age that is no number is none", terms, []step{
			{0, nil, says(200, "Age", "-5"), "Miss 200 asked"},
			{5, nil, nil, "Hit 200 age 5"},
		}},
	})
	for _, row := range []struct {
		row  string
		at   time.Duration
		want time.Duration
	}{
		{"XC-06: whole seconds", 1999 * time.Millisecond, time.Second},
		{"XC-06: never below zero", -time.Second, 0},
	} {
		t.Run(row.row, func(t *testing.T) {
			s := Stored{Received: noon}
			if got := s.Age(noon.Add(row.at)); got != row.want {
				t.Errorf("after %v: got %v, want %v", row.at, got, row.want)
			}
		})
	}
}
