package scenarios_test

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/scenarios"
)

// An edge in front of a handler: a file that changes under its name stays old in
// the edge until its time is up, and in a visitor's browser as long.
func Example() {
	release := 1
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		fmt.Fprintf(w, "%s of release %d", r.URL.Path, release)
	})
	d, _, err := distribution.Read("example.yaml", []byte(`
domain: static.example.com
origins: {web: {domain: web.example.com}}
defaultCacheBehavior: {origin: web, policy: CachingOptimized}
`))
	if err != nil {
		panic(err)
	}
	clock := &scenarios.Clock{}
	edge, err := proxy.New(proxy.Config{
		Distributions: []*distribution.Distribution{d},
		Origins:       map[string]http.RoundTripper{"web": proxy.Handler(app)},
		Now:           clock.Now,
	})
	if err != nil {
		panic(err)
	}
	defer edge.Close()
	show := func(who *http.Client, path string) {
		res, err := who.Get("https://static.example.com" + path)
		if err != nil {
			panic(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s (%s)\n", body, res.Header.Get("X-Cache"))
	}

	alice := scenarios.NewVisitor(edge, clock.Now)
	show(alice, "/site.css?v=1")

	release = 2
	clock.Advance(59 * time.Minute)
	bob := scenarios.NewVisitor(edge, clock.Now)
	show(bob, "/site.css?v=2") // the query string is not in the key
	show(bob, "/2/site.css")   // the path is

	clock.Advance(time.Minute)
	show(bob, "/site.css?v=2")

	// Output:
	// /site.css of release 1 (Miss from cloudfront)
	// /site.css of release 1 (Hit from cloudfront)
	// /2/site.css of release 2 (Miss from cloudfront)
	// /site.css of release 2 (Miss from cloudfront)
}
