package cachepolicy

import (
	"net/http"
	"testing"
)

// browser is a request as a browser sends it.
func browser(target string) *Request {
	return req("GET "+target,
		"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
		"Accept-Encoding", "gzip, deflate, br, zstd",
		"Accept-Language", "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
		"Cache-Control", "max-age=0",
		"Cookie", "session=0123456789abcdef; _ga=GA1.2.1234567890.1234567890; theme=dark",
		"Sec-Ch-Ua", `"Chromium";v="131", "Not_A Brand";v="24"`,
		"Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "none",
		"Upgrade-Insecure-Requests", "1",
		"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36")
}

func kept(h http.Header) *Stored {
	return &Stored{Key: "k", URI: "/", Status: 200, Header: h, Received: noon, Freshness: Freshness{Lifetime: seconds(3600)}}
}

var page = header("Cache-Control", "public, max-age=3600, stale-while-revalidate=60", "Content-Type", "text/html; charset=utf-8",
	"Content-Length", "12345", "Date", date(0), "Etag", `"5f2-abcdef"`, "Last-Modified", date(-86400), "Server", "nginx", "Vary", "Accept-Encoding")

// BenchmarkHit is what a fresh hit costs: the key and the first question.
func BenchmarkHit(b *testing.B) {
	for name, terms := range map[string]Terms{
		"optimized": optimized(),
		"query":     query(every),
		"queryList": query(only("v", "page")),
		"headers":   keyed("Accept-Language", "Host", "Origin"),
		"cookies":   cookied(only("session", "theme")),
	} {
		b.Run(name, func(b *testing.B) {
			r, s, now := browser("/articles/2026/01/some-title?v=12&page=3"), kept(page), after(60)
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = terms.AppendKey(buf[:0], scope, r)
				if pl := terms.Plan(r, s, now); pl.Action != Serve {
					b.Fatal(pl.Action)
				}
			}
		})
	}
}

func BenchmarkKeyHash(b *testing.B) {
	terms, r := optimized(), browser("/articles/2026/01/some-title")
	b.ReportAllocs()
	for b.Loop() {
		_ = terms.Key(scope, r).Hash()
	}
}

func BenchmarkPlanStale(b *testing.B) {
	terms, r, s, now := optimized(), browser("/"), kept(page), after(3601)
	b.ReportAllocs()
	for b.Loop() {
		terms.Plan(r, s, now)
	}
}

func BenchmarkFreshness(b *testing.B) {
	terms := optimized()
	b.ReportAllocs()
	for b.Loop() {
		terms.Freshness(200, page, noon)
	}
}

func BenchmarkForward(b *testing.B) {
	terms, r := optimized(), browser("/")
	b.ReportAllocs()
	for b.Loop() {
		terms.Forward(r)
	}
}

func BenchmarkSettle(b *testing.B) {
	terms, r := optimized(), browser("/")
	miss := Plan{Action: Fetch, Collapse: true}
	b.Run("200", func(b *testing.B) {
		reply := Reply{Status: 200, Header: page, Requested: noon, Received: noon}
		b.ReportAllocs()
		for b.Loop() {
			terms.Settle(r, miss, reply, "k", "/", 1)
		}
	})
	b.Run("304", func(b *testing.B) {
		reply := Reply{Status: 304, Header: header("Date", date(3600), "Etag", `"5f2-abcdef"`), Received: after(3600)}
		pl := Plan{Action: Revalidate, Stored: kept(page), Collapse: true}
		b.ReportAllocs()
		for b.Loop() {
			terms.Settle(r, pl, reply, "k", "/", 1)
		}
	})
}
