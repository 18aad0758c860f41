package cachepolicy

import "testing"

// Legacy settings in the terms they come to: QueryString=true with
// QueryStringCacheKeys is a list in the key and all in the origin request.
func TestLegacy(t *testing.T) {
	with := func(change func(t *Terms)) Terms { return legacy.with(change) }
	all := with(func(t *Terms) { t.Policy.QueryStrings = every })
	cacheKeys := with(func(t *Terms) { t.Policy.QueryStrings, t.OriginRequest.QueryStrings = only("a"), every })
	userID := with(func(t *Terms) { t.Policy.Cookies = wildcards("userid_*", "lang?") })
	listed := with(func(t *Terms) { t.Policy.Headers = only("X-Foo") })
	star := bounds(0, 86400, 31536000).with(func(t *Terms) { t.Legacy, t.Policy.Headers = true, every })

	checkKeys(t, []keys{
		{"LEG-01: no query string in the key", legacy, req("GET /?a=1"), req("GET /?a=2"), true},
		{"LEG-02: all in the key", all, req("GET /?a=1"), req("GET /?a=2"), false},
		{"LEG-03: the listed in the key", cacheKeys, req("GET /?a=1&b=1"), req("GET /?a=2&b=1"), false},
		{"LEG-03: the others not", cacheKeys, req("GET /?a=1&b=1"), req("GET /?a=1&b=2"), true},
		{"LEG-04: listed cookies by *", userID, cookie("userid_1=a"), cookie("userid_1=b"), false},
		{"LEG-04: listed cookies by ?", userID, cookie("langs=a"), cookie("langs=b"), false},
		{"LEG-04: other cookies not", userID, cookie("lang=a"), cookie("lang=b"), true},
		{"LEG-05: a listed header is in the key", listed, req("GET /", "X-Foo", "1"), req("GET /", "X-Foo", "2"), false},
		{"LEG-07, requests HDR-02: another header is not", legacy, req("GET /", "X-Foo", "1"), req("GET /", "X-Foo", "2"), true},
	})
	checkSent(t, []sent{
		{"LEG-01: no query string to the origin", legacy, req("GET /?a=1"), "GET /"},
		{"LEG-02: all to the origin", all, req("GET /?a=1&b"), "GET /?a=1&b"},
		{"LEG-03: all to the origin, listed or not", cacheKeys, req("GET /?a=1&b=1"), "GET /?a=1&b=1"},
		{"LEG-04: listed cookies to the origin", userID, cookie("x=1; userid_1=a"), "GET /\nCookie: userid_1=a"},
		{"LEG-05: a listed header is forwarded", listed, req("GET /", "X-Foo", "1"), "GET /\nX-Foo: 1"},
		{"LEG-06, requests HDR-32: every header is forwarded", star,
			req("GET /", "X-Foo", "1", "Accept", "a", "User-Agent", "curl", "Authorization", "Basic a"),
			"GET /\nAccept: a\nAuthorization: Basic a\nHost: www.example.com\nUser-Agent: curl\nX-Foo: 1"},
		{"LEG-07, requests HDR-02: other headers are forwarded", legacy, req("GET /", "X-Foo", "1"), "GET /\nX-Foo: 1"},
	})
	play(t, []story{
		{"LEG-03: the second gets the first one's answer", cacheKeys, []step{
			{0, req("GET /?a=1&b=1"), says(200), "Miss 200 asked"},
			{1, req("GET /?a=1&b=2"), nil, "Hit 200 age 1"},
		}},
		{"LEG-06, requests HDR-32: nothing is cached", star, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{0, nil, says(404), "Error 404 asked"},
			{0, nil, says(404), "Error 404 asked"},
		}},
	})
}
