package cachepolicy

import "testing"

// keyed are CachingOptimized's terms with headers in the key.
func keyed(names ...string) Terms {
	return optimized().with(func(t *Terms) { t.Policy.Headers = only(names...) })
}

func TestHeaderKeys(t *testing.T) {
	checkKeys(t, []keys{
		{"HDR-01: none by default", optimized(), req("GET /", "Accept", "a", "X-Foo", "1"), req("GET /", "Accept", "b", "X-Foo", "2"), true},
		{"HDR-02: a listed header", keyed("Product"), req("GET /", "Product", "Acme"), req("GET /", "Product", "Apex"), false},
		{"HDR-02: its absence is a third entry", keyed("Product"), req("GET /", "Product", "Acme"), req("GET /"), false},
		{"HDR-02: its absence is not its emptiness", keyed("Product"), req("GET /", "Product", ""), req("GET /"), false},
		{"HDR-02: other headers do not matter", keyed("Product"), req("GET /", "Product", "Acme", "X-Foo", "1"), req("GET /", "Product", "Acme"), true},
		{"HDR-03: the case of names does not", keyed("Product"), req("GET /", "Product", "Acme"), req("GET /", "product", "Acme"), true},
		{"HDR-04: the case of values does", keyed("Product"), req("GET /", "Product", "Acme"), req("GET /", "Product", "acme"), false},
		{"HDR-05: the order of headers does not", keyed("A", "B"), req("GET /", "A", "1", "B", "2"), req("GET /", "B", "2", "A", "1"), true},
		{"HDR-05: which header has which value does", keyed("A", "B"), req("GET /", "A", "1", "B", "2"), req("GET /", "A", "2", "B", "1"), false},
		{"HDR-06: values are whole: en-US,en and en,en-US", keyed("Accept-Language"),
			req("GET /", "Accept-Language", "en-US,en"), req("GET /", "Accept-Language", "en,en-US"), false},
		{"HDR-06: values are whole: en-US,en and en-US, en", keyed("Accept-Language"),
			req("GET /", "Accept-Language", "en-US,en"), req("GET /", "Accept-Language", "en-US, en"), false},
		{"HDR-06: values are whole: en-US,en and en-US", keyed("Accept-Language"),
			req("GET /", "Accept-Language", "en-US,en"), req("GET /", "Accept-Language", "en-US"), false},
		{"HDR-10: each credential its own entry", keyed("Authorization"),
			req("GET /", "Authorization", "Basic a"), req("GET /", "Authorization", "Basic b"), false},
		{"HDR-11: without Origin in the key the first CORS answer is everybody's", optimized(),
			req("GET /", "Origin", "https://a.example"), req("GET /"), true},
		{"HDR-11: with Origin in the key it is not", keyed("Origin"),
			req("GET /", "Origin", "https://a.example"), req("GET /"), false},
		{"HDR-12: a CloudFront header in the key", keyed("Cloudfront-Is-Mobile-Viewer"),
			req("GET /", "CloudFront-Is-Mobile-Viewer", "true"), req("GET /", "CloudFront-Is-Mobile-Viewer", "false"), false},
		{"unknown 15: repeated lines are joined by a comma", keyed("X-A"), req("GET /", "X-A", "1", "X-A", "2"), req("GET /", "X-A", "1,2"), true},
		{"POL-10: a * in a policy is a name", keyed("*"), req("GET /", "X-A", "1"), req("GET /", "X-A", "2"), true},
	})
	play(t, []story{
		{"HDR-10: a 200 to an authorised request is kept", keyed("Authorization"), []step{
			{0, req("GET /", "Authorization", "Basic a"), says(200), "Miss 200 asked"},
			{1, req("GET /", "Authorization", "Basic a"), nil, "Hit 200 age 1"},
			{1, req("GET /", "Authorization", "Basic b"), says(401), "Error 401 asked"},
		}},
		{"HDR-01: the first answer is served to all", optimized(), []step{
			{0, req("GET /", "Accept-Language", "de"), says(200), "Miss 200 asked"},
			{1, req("GET /", "Accept-Language", "en"), nil, "Hit 200 age 1"},
		}},
	})
}

// headersBy are terms whose origin request policy selects headers.
func headersBy(s Selection) Terms {
	return optimized().with(func(t *Terms) { t.OriginRequest.Headers = s })
}

var legacy = bounds(0, 86400, 31536000).with(func(t *Terms) { t.Legacy = true })

// The rows of the caching ledger and those of the ledger of requests, whose
// sections HDR overlap in number: the latter say "requests".
func TestHeadersSent(t *testing.T) {
	plain := optimized()
	options := plain.with(func(t *Terms) { t.CachedOptions = true })
	auth := func(method string) *Request { return req(method+" /", "Authorization", "Basic a") }
	legacyNaming := func(names ...string) Terms { return legacy.with(func(t *Terms) { t.Policy.Headers = only(names...) }) }
	checkSent(t, []sent{
		{"HDR-02: a header in the key is sent", keyed("Product"), req("GET /", "Product", "Acme"), "GET /\nProduct: Acme"},
		{"HDR-08, requests HDR-18: Authorization is taken off a GET", plain, auth("GET"), "GET /"},
		{"HDR-08, requests HDR-18: and off a HEAD", plain, auth("HEAD"), "HEAD /"},
		{"HDR-08, requests HDR-21: not when it is in the key", keyed("Authorization"), auth("GET"), "GET /\nAuthorization: Basic a"},
		{"HDR-08, requests HDR-21: nor when all viewer headers are forwarded", headersBy(every), auth("GET"), "GET /\nAuthorization: Basic a\nHost: www.example.com"},
		{"HDR-08: nor with all viewer headers but another", headersBy(allBut("Host")), auth("GET"), "GET /\nAuthorization: Basic a"},
		{"HDR-08: but with all viewer headers except it", headersBy(allBut("Authorization", "Host")), auth("GET"), "GET /"},
		{"HDR-09: an origin request policy cannot list it alone", headersBy(only("Authorization")), auth("GET"), "GET /"},
		{"HDR-08, requests HDR-19: OPTIONS loses it when cached", options, auth("OPTIONS"), "OPTIONS /"},
		{"HDR-08, requests HDR-19: and keeps it when not", plain, auth("OPTIONS"), "OPTIONS /\nAuthorization: Basic a"},
		{"HDR-08, requests HDR-20: DELETE keeps it", plain, auth("DELETE"), "DELETE /\nAuthorization: Basic a"},
		{"HDR-08, requests HDR-20: PATCH keeps it", plain, auth("PATCH"), "PATCH /\nAuthorization: Basic a"},
		{"HDR-08, requests HDR-20: POST keeps it", plain, auth("POST"), "POST /\nAuthorization: Basic a"},
		{"HDR-08, requests HDR-20: PUT keeps it", plain, auth("PUT"), "PUT /\nAuthorization: Basic a"},
		{"HDR-12, requests HDR-28: a CloudFront header that a policy names", keyed("Cloudfront-Viewer-Country"),
			req("GET /", "CloudFront-Viewer-Country", "DE"), "GET /\nCloudfront-Viewer-Country: DE"},
		{"HDR-12: by an origin request policy", headersBy(only("Cloudfront-Viewer-Country")),
			req("GET /", "CloudFront-Viewer-Country", "DE"), "GET /\nCloudfront-Viewer-Country: DE"},
		{"requests HDR-28: and none that none names, not even with all viewer headers", headersBy(every),
			req("GET /", "CloudFront-Viewer-Country", "DE"), "GET /\nHost: www.example.com"},
		{"requests HDR-28: nor with every header in the legacy list", legacy.with(func(t *Terms) { t.Policy.Headers = every }),
			req("GET /", "CloudFront-Viewer-Country", "DE", "X-Foo", "1"), "GET /\nHost: www.example.com\nX-Foo: 1"},
		{"requests HDR-28: not in legacy settings either", legacy, req("GET /", "CloudFront-Viewer-Country", "DE"), "GET /"},
		{"HDR-14, requests HDR-16: removed unless in a policy", plain,
			req("GET /", "Accept", "1", "Accept-Charset", "1", "Accept-Language", "1", "Referer", "1", "Expect", "1", "X-HTTP-Method-Override", "1"), "GET /"},
		{"HDR-14, requests HDR-16: removed in legacy settings, too", legacy,
			req("GET /", "Accept", "1", "Accept-Charset", "1", "Accept-Language", "1", "Referer", "1", "Expect", "1", "X-HTTP-Method-Override", "1"), "GET /"},
		{"HDR-14, requests HDR-16: a policy lets them through",
			headersBy(only("Accept", "Accept-Charset", "Accept-Language", "Referer", "Expect", "X-Http-Method-Override")),
			req("GET /", "Accept", "1", "Accept-Charset", "1", "Accept-Language", "1", "Referer", "1", "Expect", "1", "X-HTTP-Method-Override", "1"),
			"GET /\nAccept-Charset: 1\nAccept-Language: 1\nAccept: 1\nExpect: 1\nReferer: 1\nX-Http-Method-Override: 1"},
		{"HDR-14, requests HDR-16: a legacy list lets them through", legacyNaming("Accept"), req("GET /", "Accept", "1"), "GET /\nAccept: 1"},
		{"HDR-14, requests HDR-14, requests HDR-15, requests HDR-24, requests HDR-25: never let through", headersBy(allBut("Host")),
			req("GET /", "Proxy-Authenticate", "1", "Proxy-Authorization", "1", "Proxy-Connection", "1", "TE", "1", "Trailer", "1",
				"X-Edge-Location", "1", "X-Forwarded-Proto", "1", "X-Real-IP", "1", "Upgrade", "1", "Connection", "1",
				"Keep-Alive", "1", "Transfer-Encoding", "chunked", "X-Amz-Cf-Id", "1"), "GET /"},
		{"requests HDR-14: nor in legacy settings", legacy, req("GET /", "X-Edge-Location", "1", "X-Forwarded-Proto", "1", "X-Real-IP", "1"), "GET /"},
		{"requests HDR-02: legacy settings forward other headers", legacy, req("GET /", "X-Foo", "1"), "GET /\nX-Foo: 1"},
		{"requests HDR-03: a cache policy does not", plain, req("GET /", "X-Foo", "1"), "GET /"},
		{"requests HDR-04: a header in the key that the viewer did not send is not made up", keyed("Product"), req("GET /"), "GET /"},
		{"requests HDR-05: what body, range and conditions need", plain,
			req("POST /", "Content-Type", "a/b", "Content-Length", "1", "Content-Encoding", "gzip"),
			"POST /\nContent-Encoding: gzip\nContent-Length: 1\nContent-Type: a/b"},
		{"COND-07, requests HDR-05: the viewer's range and conditions", plain,
			req("GET /", "Range", "bytes=0-1", "If-Match", "1", "If-None-Match", "2", "If-Modified-Since", "3", "If-Unmodified-Since", "4", "If-Range", "5"),
			"GET /\nIf-Match: 1\nIf-Modified-Since: 3\nIf-None-Match: 2\nIf-Range: 5\nIf-Unmodified-Since: 4\nRange: bytes=0-1"},
		{"requests HDR-06: Host is the origin's", plain, req("GET /", "X-Foo", "1"), "GET /"},
		{"requests HDR-06: Host is the viewer's when in the key", keyed("Host"), req("GET /"), "GET /\nHost: www.example.com"},
		{"requests HDR-22: Cookie is removed", plain, req("GET /", "Cookie", "a=1"), "GET /"},
		{"requests HDR-22: even with all viewer headers", headersBy(allBut("Host")), req("GET /", "Cookie", "a=1"), "GET /"},
		{"requests HDR-23: legacy settings forward Origin", legacy, req("GET /", "Origin", "https://a.example"), "GET /\nOrigin: https://a.example"},
		{"requests HDR-26: legacy settings forward these as sent", legacy,
			req("GET /", "Cache-Control", "1", "Content-MD5", "1", "Date", "1", "From", "1", "Max-Forwards", "1", "Pragma", "1", "Request-Range", "1", "Warning", "1"),
			"GET /\nCache-Control: 1\nContent-Md5: 1\nDate: 1\nFrom: 1\nMax-Forwards: 1\nPragma: 1\nRequest-Range: 1\nWarning: 1"},
	})
}

func TestUserAgentSent(t *testing.T) {
	for _, row := range []struct {
		row   string
		terms Terms
		in    *Request
		want  string
	}{
		{"HDR-13, requests HDR-08: replaced", optimized(), req("GET /", "User-Agent", "curl"), "Amazon CloudFront"},
		{"HDR-13, requests HDR-08: made when the viewer has none", optimized(), req("GET /"), "Amazon CloudFront"},
		{"HDR-13, requests HDR-08: replaced in legacy settings, too", legacy, req("GET /", "User-Agent", "curl"), "Amazon CloudFront"},
		{"HDR-13, requests HDR-08: forwarded when in the key", keyed("User-Agent"), req("GET /", "User-Agent", "curl"), "curl"},
		{"HDR-13, requests HDR-08: forwarded by an origin request policy", headersBy(only("User-Agent")), req("GET /", "User-Agent", "curl"), "curl"},
		{"HDR-13: forwarded, but the viewer has none", headersBy(every), req("GET /"), ""},
	} {
		t.Run(row.row, func(t *testing.T) {
			if got := row.terms.Forward(row.in).Header.Get("User-Agent"); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
