package origin

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"staleproof/proxy/distribution"
)

const empty = "HTTP/1.1 204 No Content\r\n\r\n"

// sent is the head that the origin reads, line by line.
func sent(t *testing.T, o distribution.Origin, req *http.Request) []string {
	t.Helper()
	p := saying(0, false, empty)
	tr := transport(t, p, o)
	defer tr.CloseIdleConnections()
	if got := fetched(tr, p, req); got.status != 204 {
		t.Fatalf("got %+v, want 204", got)
	}
	return strings.Split(strings.TrimSuffix(p.heads[0], "\n"), "\n")
}

func TestPathGoesOutAsItCame(t *testing.T) {
	for _, row := range []struct{ name, origin, path, query, want string }{
		{"plain", "", "/a/b", "", "GET /a/b HTTP/1.1"},
		{"a query", "", "/a", "x=1&y=%20|", "GET /a?x=1&y=%20|"},
		{"PATH-16: dots stay", "", "/a/b/..", "", "GET /a/b/.. HTTP/1.1"},
		{"PATH-16: slashes stay", "", "//images//x.jpg", "", "GET //images//x.jpg HTTP/1.1"},
		{"PATH-16: %2f stays", "", "/a%2fb", "", "GET /a%2fb HTTP/1.1"},
		{"PATH-16: needless encoding stays", "", "/%61", "", "GET /%61 HTTP/1.1"},
		{"PATH-16: what should be encoded but is not", "", "/a|b\"{}^`<>\\", "", "GET /a|b\"{}^`<>\\ HTTP/1.1"},
		{"PATH-16: what is no encoding", "", "/100%", "", "GET /100% HTTP/1.1"},
		{"PATH-16: bytes above 127", "", "/\xe4", "", "GET /\xe4 HTTP/1.1"},
		{"ORG-01: the origin path comes first", "/production", "/acme/index.html", "", "GET /production/acme/index.html HTTP/1.1"},
		{"ORG-01: before slashes, too", "/production", "//x|y", "", "GET /production//x|y HTTP/1.1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := request("GET", row.path, "")
			req.URL.RawQuery = row.query
			if got := sent(t, distribution.Origin{Path: row.origin}, req)[0]; !strings.HasPrefix(got, row.want) {
				t.Errorf("the origin got %q, want %q", got, row.want)
			}
		})
	}
}

func TestHeadersThatGoOut(t *testing.T) {
	own := []distribution.Header{{Name: "x-secret", Value: "s"}}
	for _, row := range []struct {
		name   string
		origin distribution.Origin
		header http.Header
		want   []string
	}{
		{"nothing is added but Host and Connection", distribution.Origin{}, nil,
			[]string{"Host: origin.example.com", "Connection: Keep-Alive"}},
		{"the viewer's pass", distribution.Origin{}, http.Header{"User-Agent": {"Amazon CloudFront"}, "Accept-Encoding": {"br,gzip"}},
			[]string{"Host: origin.example.com", "User-Agent: Amazon CloudFront", "Accept-Encoding: br,gzip", "Connection: Keep-Alive"}},
		{"HDR-29: the origin's replace them", distribution.Origin{Headers: own}, http.Header{"X-Secret": {"a", "b"}},
			[]string{"Host: origin.example.com", "Connection: Keep-Alive", "X-Secret: s"}},
		{"AE-10: an empty Accept-Encoding removes it", distribution.Origin{Headers: []distribution.Header{{Name: "accept-encoding"}}},
			http.Header{"Accept-Encoding": {"gzip"}}, []string{"Host: origin.example.com", "Connection: Keep-Alive"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := request("GET", "/", "")
			req.Header = row.header
			if got := sent(t, row.origin, req)[1:]; !slices.Equal(got, row.want) {
				t.Errorf("the origin got\n%q, want\n%q", got, row.want)
			}
		})
	}
}

func TestBodiesOfRequests(t *testing.T) {
	known := sent(t, distribution.Origin{}, request("POST", "/", "hello"))
	if !slices.Contains(known, "Content-Length: 5") {
		t.Errorf("a length is passed on: got %q", known)
	}
	req := request("POST", "/", "hello")
	req.ContentLength = -1
	if chunked := sent(t, distribution.Origin{}, req); !slices.Contains(chunked, "Transfer-Encoding: chunked") {
		t.Errorf("PROT-07: a chunked request stays chunked: got %q", chunked)
	}
}

func TestWhereTheOriginIs(t *testing.T) {
	for _, row := range []struct {
		name                       string
		origin                     distribution.Origin
		viewer, scheme, addr, host string
	}{
		{"ORG-04: the viewer's protocol", distribution.Origin{Domain: "o.example.com"}, "http", "http", "o.example.com:80", "o.example.com"},
		{"ORG-04: over TLS", distribution.Origin{Domain: "o.example.com"}, "https", "https", "o.example.com:443", "o.example.com"},
		{"ORG-03: http only", distribution.Origin{Domain: "o.example.com", Protocol: distribution.HTTPOnly}, "https", "http", "o.example.com:80", "o.example.com"},
		{"ORG-03: https only", distribution.Origin{Domain: "o.example.com", Protocol: distribution.HTTPSOnly}, "http", "https", "o.example.com:443", "o.example.com"},
		{"ORG-06: another port is in Host", distribution.Origin{Domain: "o.example.com", HTTPPort: 8080}, "http", "http", "o.example.com:8080", "o.example.com:8080"},
		{"ORG-06: for TLS", distribution.Origin{Domain: "o.example.com", HTTPSPort: 8443}, "https", "https", "o.example.com:8443", "o.example.com:8443"},
		{"an IPv6 address", distribution.Origin{Domain: "::1", HTTPPort: 8080}, "http", "http", "[::1]:8080", "[::1]:8080"},
		{"a URL in the place of a domain", distribution.Origin{Domain: "localhost", URL: "http://localhost:3000"}, "https", "http", "localhost:3000", "localhost:3000"},
		{"a URL of its own port", distribution.Origin{Domain: "localhost", URL: "https://localhost"}, "http", "https", "localhost:443", "localhost"},
		{"a URL stands in for a domain", distribution.Origin{Domain: "www.example.com", URL: "http://127.0.0.1:3000"}, "https", "http", "127.0.0.1:3000", "www.example.com"},
	} {
		t.Run(row.name, func(t *testing.T) {
			tr, err := New(row.origin)
			if err != nil {
				t.Fatal(err)
			}
			scheme := tr.scheme(row.viewer)
			if addr, host := tr.address(scheme), tr.host(scheme); scheme != row.scheme || addr != row.addr || host != row.host {
				t.Errorf("a viewer by %s: %s to %s, Host %s; want %s to %s, Host %s", row.viewer, scheme, addr, host, row.scheme, row.addr, row.host)
			}
		})
	}
	for _, bad := range []string{"localhost:3000", "ftp://x", "http://", "http://[::1", "//x"} {
		if _, err := New(distribution.Origin{URL: bad}); err == nil {
			t.Errorf("New with URL %q: no error", bad)
		}
	}
}

func TestForwardedHost(t *testing.T) {
	req := request("GET", "/", "")
	req.Host = "www.example.com"
	if got := sent(t, distribution.Origin{}, req)[1]; got != "Host: www.example.com" {
		t.Errorf("POL-14: got %q, want the forwarded Host", got)
	}
}
