package proxy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// alike are conversations that go the same way on both fronts. "GET /a" is short
// for a whole request over HTTP/1.1; lines behind it are fields.
var alike = []struct {
	name     string
	requests []string
}{
	{"a miss and hits", []string{"GET /page", "GET /page", "HEAD /page", "GET /page?v=2"}},
	{"a HEAD first", []string{"HEAD /page", "HEAD /page", "GET /page"}},
	{"compressed for who takes it", []string{"GET /page\nAccept-Encoding: gzip", "GET /page\nAccept-Encoding: gzip, br", "GET /page\nAccept-Encoding: br", "GET /page"}},
	{"ranges of a stored object", []string{
		"GET /page", "GET /page\nRange: bytes=0-9", "HEAD /page\nRange: bytes=0-9", "GET /page\nRange: bytes=-5", "GET /page\nRange: bytes=9000-",
		"GET /page\nRange: bytes=0-1,5-6", "GET /page\nRange: lines=1", "GET /page\nRange: bytes=0-9\nIf-Range: \"1\"", "GET /page\nRange: bytes=0-9\nIf-Range: \"2\"",
	}},
	{"a range that is the first request", []string{"GET /large\nRange: bytes=100-199", "GET /large"}},
	{"conditions", []string{
		"GET /page", "GET /page\nIf-None-Match: \"1\"", "HEAD /page\nIf-None-Match: \"1\"", "GET /page\nIf-None-Match: \"2\"", "GET /page\nIf-None-Match: *",
		"GET /page\nIf-Modified-Since: Tue, 24 Nov 2026 12:00:00 GMT", "GET /page\nIf-Modified-Since: Mon, 23 Nov 2020 12:00:00 GMT", "GET /page\nIf-Modified-Since: soon",
	}},
	{"an object over the size of a write", []string{"GET /large", "GET /large", "HEAD /large", "GET /page"}},
	{"a body whose end nobody knows", []string{"GET /growing", "GET /growing", "HEAD /growing"}},
	{"errors of the origin, kept", []string{"GET /404", "GET /404", "HEAD /404", "GET /500", "GET /500"}},
	{"answers without a body", []string{"GET /204", "GET /204", "GET /empty", "GET /empty", "HEAD /empty", "GET /moved", "GET /moved"}},
	{"not kept", []string{"GET /nostore", "GET /nostore"}},
	{"fields of the origin, several of one name", []string{"GET /odd", "GET /odd", "HEAD /odd"}},
	{"methods a behavior does not allow", []string{"POST /page\nContent-Length: 3\n\nabc", "GET /page", "DELETE /page", "OPTIONS /page", "BREW /page", "TRACE /page"}},
	{"methods it does", []string{"POST /api/x\nContent-Length: 3\n\nabc", "PUT /api/x\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", "DELETE /api/x", "OPTIONS /api/x", "PATCH /api/x\nContent-Length: 0\n\n", "GET /api/x", "HEAD /api/x"}},
	{"methods nobody knows", []string{"BREW /api/x", "get /page", "TRACE /api/x"}},
	{"a body behind a GET", []string{"GET /page\nContent-Length: 3\n\nabc", "GET /api/x\nContent-Length: 3\n\nabc", "GET /page"}},
	{"Expect: 100-continue", []string{"PUT /api/x\nExpect: 100-continue\nContent-Length: 3\n\nabc", "GET /page"}},
	{"Expect: 100-continue, where the body is not wanted", []string{"PUT /page\nExpect: 100-continue\nContent-Length: 3\n\nabc"}},
	{"an expectation nobody meets", []string{"GET /page\nExpect: a miracle"}},
	{"odd fields", []string{
		"GET /page\nX-A: 1\nx-a: 2\nX-A:", "GET /page\nCookie: a=1\nCookie: b=2", "GET /page\nTE: trailers\nConnection: TE", "GET /page\nVia: 1.1 x",
		"GET /page\nCache-Control: no-cache\nPragma: no-cache", "GET /page\nConnection: keep-alive", "GET /page\nAuthorization: Basic eDp5", "GET /page\nX-B: \xe4\xff",
	}},
	{"paths as they came", []string{"GET /a//b/../c", "GET /a%2Fb", "GET /a%2fb", "GET /a/b", "GET /%7Ea?x=%zz&&=", "GET /a?", "GET /a??b", "GET /a#b", "GET //page", "GET /\xe4"}},
	{"hosts", []string{"GET /page\nX: 1", "GET http://d.example/page", "GET http://other.example/page"}},
	{"OPTIONS of everything", []string{"OPTIONS *"}},
	{"a URL of the limit", []string{"GET /" + strings.Repeat("a", 8191), "GET /page"}},
	{"a URL over the limit", []string{"GET /" + strings.Repeat("a", 8192)}},
	{"a head that is long", []string{"GET /page\nX: " + strings.Repeat("a", 30_000), "GET /page"}},
	{"an upgrade nobody offers", []string{"GET /page\nUpgrade: websocket\nConnection: Upgrade", "GET /page"}},
	{"HTTP/1.0", []string{"GET /page HTTP/1.0"}},
	{"HTTP/1.0, which goes on", []string{"GET /page HTTP/1.0\nConnection: keep-alive", "GET /page HTTP/1.0\nConnection: keep-alive", "HEAD /page HTTP/1.0\nConnection: keep-alive"}},
	{"HTTP/1.0 and a body whose end nobody knows", []string{"GET /growing HTTP/1.0\nConnection: keep-alive"}},
	{"the viewer closes", []string{"GET /page\nConnection: close", "GET /page"}},
	{"the viewer closes after a hit", []string{"GET /page", "GET /page\nConnection: x, Close", "GET /page"}},
	{"the viewer closes after a HEAD", []string{"GET /page", "HEAD /page\nConnection: close"}},
}

// unlike are requests that the two fronts answer differently, each with its reason:
// docs/FRONTS.md has them as a table.
var unlike = []struct{ name, stream, ours, theirs, rows string }{
	{"a malformed field", "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", "400 text/html", "400 text/plain; charset=utf-8", "[ERR-11]"},
	{"no Host", "GET / HTTP/1.1\r\n\r\n", "400 text/html", "400 text/plain; charset=utf-8", "[ERR-18]"},
	{"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400 text/html", "200", "[ERR-18]"},
	{"a line that ends in LF alone", "GET / HTTP/1.1\nHost: a\r\n\r\n", "400 text/html", "200", "[ERR-18]: smuggling"},
	{"a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "400 text/html", "200", "[ERR-18]: smuggling"},
	{"a length over 2^63", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", "400 text/html", "400 text/plain; charset=utf-8", "[ERR-18]"},
	{"a length beside chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 text/html", "403 text/html", "[ERR-18]: smuggling"},
	{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 text/html", "403 text/html", "[ERR-18]: smuggling"},
	{"an unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501 text/html", "501 text/plain; charset=utf-8", "[ERR-11]"},
	{"HTTP/3.1", "GET / HTTP/3.1\r\nHost: a\r\n\r\n", "505 text/html", "505 text/plain; charset=utf-8", "[ERR-11]"},
	{"a target that is neither a path nor an http URL", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400 text/html", "200", "[ERR-11]"},
	{"a request line over 32 KiB", "GET /" + strings.Repeat("a", 33<<10) + " HTTP/1.1\r\nHost: a\r\n\r\n", "414 text/html", "431 text/plain; charset=utf-8", "[LIM-01]"},
	{"fields over 32 KiB", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: 0123456789\r\n", 3000) + "\r\n", "494 text/html", "431 text/plain; charset=utf-8", "[LIM-04]"},
}

// spell makes the request that a row is short for.
func spell(short string) string {
	head, body, _ := strings.Cut(short, "\n\n")
	line, fields, _ := strings.Cut(head, "\n")
	if !strings.Contains(line, " HTTP/1.") {
		line += " HTTP/1.1"
	}
	out := line + "\r\nHost: d.example\r\n"
	for field := range strings.SplitSeq(fields, "\n") {
		if field != "" {
			out += field + "\r\n"
		}
	}
	return out + "\r\n" + body
}

func spellAll(short []string) []string {
	var out []string
	for _, s := range short {
		out = append(out, spell(s))
	}
	return out
}

// TestFrontsAnswerAlike: the same requests get the same answers from our front and
// from net/http alone, byte for byte but for ids, the order of fields of different
// names, and where chunks begin.
func TestFrontsAnswerAlike(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, row := range alike {
			t.Run(fmt.Sprintf("%s, TLS %t", row.name, secure), func(t *testing.T) {
				f := startFronts(t)
				ours, theirs, err := f.talk(secure, spellAll(row.requests)...)
				if err != nil {
					t.Fatal(err)
				}
				if ours != theirs {
					t.Errorf("requests %.500q\n%s", row.requests, difference(ours, theirs))
				}
				if n := strings.Count(ours, "HTTP/1."); n == 0 {
					t.Errorf("requests %.500q: no answer", row.requests)
				}
			})
		}
	}
}

// difference are the first lines that are not the same.
func difference(ours, theirs string) string {
	a, b := strings.Split(ours, "\n"), strings.Split(theirs, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	show := func(s []string) string { return strings.Join(s[max(0, min(i-2, len(s))):min(len(s), i+8)], "\n") }
	return fmt.Sprintf("line %d\nour front:\n%.1500s\n\nnet/http:\n%.1500s", i, show(a), show(b))
}

// TestFrontsAnswerAlikeAtRandom is the same for conversations that nobody wrote.
func TestFrontsAnswerAlikeAtRandom(t *testing.T) {
	paths := []string{"/page", "/page?v=1", "/large", "/growing", "/404", "/204", "/empty", "/odd", "/nostore", "/api/x", "/api/page", "/a%2Fb", "//", "/"}
	methods := []string{"GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "BREW"}
	fields := []string{
		"Range: bytes=0-9", "Range: bytes=5-", "Range: bytes=0-0,-1", `If-None-Match: "1"`, `If-None-Match: W/"1"`, "Accept-Encoding: gzip", "Accept-Encoding: br;q=0.5, gzip;q=0",
		"Cookie: a=1", "Connection: keep-alive", "Via: 1.1 a", "If-Modified-Since: Tue, 24 Nov 2026 12:00:00 GMT", "X-A: 1", "x-a: \t2 ", "Pragma: no-cache", "TE: trailers",
	}
	bodies := []string{"Content-Length: 3\n\nabc", "Transfer-Encoding: chunked\n\n1\r\na\r\n0\r\nX: y\r\n\r\n", "Content-Length: 0\n\n"}
	// What a 304 leaves behind is stored at a time of its own, so /page is there before.
	first := []string{"GET /page", "GET /page\nAccept-Encoding: gzip", "GET /page\nAccept-Encoding: br;q=0.5, gzip;q=0"}
	rapid.Check(t, func(rt *rapid.T) {
		one := rapid.Custom(func(rt *rapid.T) string {
			s := rapid.SampledFrom(methods).Draw(rt, "method") + " " + rapid.SampledFrom(paths).Draw(rt, "path")
			for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields), 0, 3, rapid.ID).Draw(rt, "fields") {
				s += "\n" + f
			}
			if rapid.IntRange(0, 9).Draw(rt, "body") == 0 {
				s += "\n" + rapid.SampledFrom(bodies).Draw(rt, "which")
			}
			return s
		})
		requests := append(slices.Clone(first), rapid.SliceOfN(one, 1, 8).Draw(rt, "requests")...)
		f, err := newFronts()
		if err != nil {
			rt.Fatal(err)
		}
		defer f.end()
		ours, theirs, err := f.talk(false, spellAll(requests)...)
		if err != nil {
			rt.Fatal(err)
		}
		if ours != theirs {
			rt.Fatalf("requests %q\n%s", requests, difference(ours, theirs))
		}
	})
}

// TestFrontsDiffer: where the two do not answer alike is written down, all of it.
func TestFrontsDiffer(t *testing.T) {
	f := startFronts(t)
	var table []string
	for _, row := range unlike {
		t.Run(row.name, func(t *testing.T) {
			ours, theirs, err := f.talk(false, row.stream)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := outline(ours), outline(theirs); a != row.ours || b != row.theirs {
				t.Errorf("stream %.200q\n got %s and %s\nwant %s and %s", row.stream, a, b, row.ours, row.theirs)
			}
		})
		table = append(table, fmt.Sprintf("| %s | %s | %s | %s |", row.name, row.ours, row.theirs, row.rows))
	}
	for _, row := range unlike2 {
		table = append(table, fmt.Sprintf("| %s | %s | %s | %s |", row.name, row.ours, row.theirs, row.rows))
	}
	document, err := os.ReadFile("../docs/FRONTS.md")
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for line := range strings.Lines(string(document)) {
		if line = strings.TrimSpace(line); strings.Count(line, " | ") == 3 && !strings.HasPrefix(line, "| request") {
			written = append(written, line)
		}
	}
	if !slices.Equal(written, table) {
		t.Errorf("docs/FRONTS.md has\n%s\nwant\n%s", strings.Join(written, "\n"), strings.Join(table, "\n"))
	}
}

// outline is the status of the first answer and the type of its content.
func outline(answers string) string {
	head, _, _ := strings.Cut(answers, "\r\n\r\n")
	status, kind := "none", ""
	for i, line := range strings.Split(head, "\r\n") {
		if i == 0 && len(line) > 12 {
			status = line[9:12]
		}
		if v, ok := strings.CutPrefix(line, "Content-Type: "); ok {
			kind = " " + v
		}
	}
	return status + kind
}
