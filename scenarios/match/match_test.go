package match_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/scenarios"
	"staleproof/scenarios/match"
)

func answer(xCache, age, body string) *http.Response {
	res := &http.Response{Header: http.Header{"X-Cache": {xCache + " from cloudfront"}}, Body: io.NopCloser(strings.NewReader(body))}
	if age != "" {
		res.Header.Set("Age", age)
	}
	return res
}

func TestMatchers(t *testing.T) {
	tests := []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		matches bool
		fails   bool // the matcher itself
	}{
		{"a hit", match.Result("Hit"), answer("Hit", "1", ""), true, false},
		{"a miss is no hit", match.Result("Hit"), answer("Miss", "", ""), false, false},
		{"an age", match.Age(7), answer("Hit", "7", ""), true, false},
		{"another age", match.Age(7), answer("Hit", "8", ""), false, false},
		{"an age below", match.Age(gomega.BeNumerically("<", 60)), answer("Hit", "8", ""), true, false},
		{"no age where one is wanted", match.Age(0), answer("Miss", "", ""), false, true},
		{"no age", match.NoAge(), answer("Miss", "", ""), true, false},
		{"an age where none is wanted", match.NoAge(), answer("Hit", "0", ""), false, false},
		{"a body", match.Body("hello"), answer("Hit", "", "hello"), true, false},
		{"another body", match.Body(gomega.HavePrefix("bye")), answer("Hit", "", "hello"), false, false},
		{"no response", match.Result("Hit"), "Hit", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ok, err := tt.matcher.Match(tt.actual)
			if ok != tt.matches || (err != nil) != tt.fails {
				t.Errorf("got %v %v, want %v, failing %v", ok, err, tt.matches, tt.fails)
			}
		})
	}
}

// Example_inGoTest is an edge in front of a handler, in a test of one's own.
func Example_inGoTest() {
	var clock scenarios.Clock
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "body{}") })
	d, err := distribution.Simple("http://localhost:8000", cachepolicy.Selection{})
	if err != nil {
		panic(err)
	}
	edge, err := proxy.New(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true,
		Origins: map[string]http.RoundTripper{d.Origins[0].ID: proxy.Handler(app)},
		Now:     clock.Now,
	})
	if err != nil {
		panic(err)
	}
	defer edge.Close()
	client := &http.Client{Transport: edge}

	g := gomega.NewGomega(func(message string, _ ...int) { panic(message) })
	g.Expect(client.Get("http://site.example/css/site.css?v=1")).To(match.Result("Miss"))
	clock.Advance(time.Hour)
	g.Expect(client.Get("http://site.example/css/site.css?v=2")).To(gomega.And(match.Result("Hit"), match.Age(3600)))
	// Output:
}
