package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gregjones/httpcache/diskcache"
	"pgregory.net/rapid"
)

// world is what random stories are told about: an origin with every kind of
// answer, at two edge locations with a regional cache or without.
const world = `
name: %s
source: drawn at random
rows: [COLL-01]
edge: {pops: 2, regional: %v}
distribution:
  defaultCacheBehavior: {origin: web, policy: {minTTL: 0s, defaultTTL: 60s, maxTTL: 300s}, allowedMethods: all}
  cacheBehaviors:
    - {pathPattern: /cookies, origin: web, policy: {minTTL: 0s, cookies: all}}
    - {pathPattern: /queries, origin: web, policy: {minTTL: 1s, queryStrings: all}}
  customErrorResponses:
    - {code: 404, page: /error, status: 200, minTTL: 5s}
origins:
  web:
    rules:
      - on: GET /fresh*
        with: {If-None-Match: '"1"'}
        reply: {status: 304, header: {Cache-Control: max-age=20, ETag: '"1"'}, after: 1s}
      - on: GET /fresh*
        reply: {header: {Cache-Control: max-age=20, ETag: '"1"'}, body: fresh, after: 1s}
      - on: GET /behind*
        reply: {header: {Cache-Control: "max-age=5, stale-while-revalidate=20"}, body: behind, after: 2s}
      - on: GET /private*
        reply: {header: {Cache-Control: private}, body: private}
      - on: GET /cookies*
        reply: {header: {Cache-Control: max-age=10, Set-Cookie: a=1; Max-Age=30}, body: cookies}
      - on: GET /error
        reply: {header: {Cache-Control: max-age=10}, body: error page}
      - on: GET /queries*
        reply: {header: {Cache-Control: no-cache}, body: queries, after: 40s}
      - on: GET /missing*
        reply: {status: 404}
      - on: POST /fresh*
        reply: {body: posted}
      - on: HEAD /*
        reply: {header: {Cache-Control: max-age=10}, body: head}
steps:
%s`

var paths = []string{"/fresh", "/fresh?v=2", "/behind", "/private", "/cookies", "/queries?v=1", "/queries?v=2", "/missing"}

// randomStory draws a story; it expects only what always holds.
func randomStory(t *rapid.T) *Scenario {
	var steps strings.Builder
	broken := false
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		path := rapid.SampledFrom(paths).Draw(t, "path")
		switch rapid.IntRange(0, 11).Draw(t, "what") {
		case 0:
			fmt.Fprintf(&steps, "  - advance: %ds\n", rapid.IntRange(1, 30).Draw(t, "seconds"))
		case 1:
			fmt.Fprintf(&steps, "  - invalidate: %s\n", rapid.SampledFrom([]string{"/*", "/fresh", "/fresh*", "/behind"}).Draw(t, "item"))
		case 2:
			if broken = !broken; broken {
				fmt.Fprintf(&steps, "  - break: web\n    how: %s\n", rapid.SampledFrom([]Fault{Down, Slow, Cut, Short}).Draw(t, "fault"))
			} else {
				fmt.Fprintf(&steps, "  - mend: web\n")
			}
		case 3:
			fmt.Fprintf(&steps, "  - head: %s\n", path)
		case 4:
			fmt.Fprintf(&steps, "  - post: /fresh\n    body: hello\n")
		default:
			fmt.Fprintf(&steps, "  - get: %s\n    pop: %d\n", path, rapid.IntRange(1, 2).Draw(t, "pop"))
			if n := rapid.SampledFrom([]int{1, 1, 2, 3, 8}).Draw(t, "together"); n > 1 {
				fmt.Fprintf(&steps, "    together: %d\n", n)
			} else if who := rapid.SampledFrom([]string{"", "", "alice", "bob"}).Draw(t, "who"); who != "" {
				fmt.Fprintf(&steps, "    as: %s\n", who)
			}
			if rapid.IntRange(0, 3).Draw(t, "range") == 0 {
				fmt.Fprintf(&steps, "    header: {Range: bytes=0-2}\n")
			}
		}
	}
	steps.WriteString("  - advance: 1s\n  - get: /private\n    expect: {cut: false}\n")
	if broken {
		steps.WriteString("  - mend: web\n")
	}
	text := fmt.Sprintf(world, "a random story", rapid.Bool().Draw(t, "regional"), steps.String())
	s, err := Read("random.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

// Law 1: the same distribution, seed, clock and story give the same bytes, on every
// store.
func TestSameStorySameBytes(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := randomStory(rt)
		first := Play(t.Context(), s, Options{})
		for _, st := range first.Steps {
			for _, p := range st.Problems {
				if strings.Contains(p, "nothing happened") || strings.Contains(p, "no origin has been asked") {
					rt.Fatalf("stuck:\n%s", first.Verbose())
				}
			}
		}
		again := Play(t.Context(), s, Options{})
		if d := difference(first.Verbose(), again.Verbose()); d != "" {
			rt.Fatalf("played again:\n%s\n\n%s\n\n%s", d, first.String(), again.String())
		}
		n++
		disk := Play(t.Context(), s, Options{Store: diskcache.New(fmt.Sprintf("%s/%d", dir, n))})
		if d := difference(first.Verbose(), disk.Verbose()); d != "" {
			rt.Fatalf("on disk:\n%s\n\n%s", d, first.String())
		}
	})
}
