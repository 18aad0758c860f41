package cachepolicy

import "testing"

// query are CachingOptimized's terms with a selection of parameters in the key.
func query(s Selection) Terms {
	return optimized().with(func(t *Terms) { t.Policy.QueryStrings = s })
}

func allBut(names ...string) Selection { return Selection{Mode: AllBut, Names: names} }

func TestQueryKeys(t *testing.T) {
	none, all, color := query(Selection{}), query(every), query(only("color"))
	checkKeys(t, []keys{
		{"QS-01: none", none, req("GET /a?v=1"), req("GET /a?v=2"), true},
		{"QS-02: all", all, req("GET /a?v=1"), req("GET /a?v=2"), false},
		{"QS-03: listed ones only, the others differ", color, req("GET /a?color=red&size=1"), req("GET /a?color=red&size=2"), true},
		{"QS-03: listed ones only, one of them differs", color, req("GET /a?color=red&size=1"), req("GET /a?color=blue&size=1"), false},
		{"QS-04: all but, the excepted differs", query(allBut("utm_source")), req("GET /a?id=1&utm_source=a"), req("GET /a?id=1&utm_source=b"), true},
		{"QS-04: all but, another differs", query(allBut("utm_source")), req("GET /a?id=1&utm_source=a"), req("GET /a?id=2&utm_source=a"), false},
		{"QS-05: no sorting", all, req("GET /?a=1&b=2"), req("GET /?b=2&a=1"), false},
		{"QS-06: values are case-sensitive", all, req("GET /?color=red"), req("GET /?color=Red"), false},
		{"QS-06: names are case-sensitive", all, req("GET /?color=red"), req("GET /?Color=red"), false},
		{"QS-07: a name in another case is not the listed one", color, req("GET /?Color=red"), req("GET /"), true},
		{"QS-08: only & separates, so ; is part of a value", color, req("GET /?color=red;size=large"), req("GET /?color=red"), false},
		{"QS-08: only & separates, so ; hides a name", color, req("GET /?size=large;color=red"), req("GET /"), true},
		{"QS-09: each value is a version", all, req("GET /a.css?v=1"), req("GET /a.css?v=2"), false},
		{"QS-11: sent by an origin request policy, not in the key",
			none.with(func(t *Terms) { t.OriginRequest.QueryStrings = every }), req("GET /?v=1"), req("GET /?v=2"), true},
		{"QS-12: a new path is a new entry", none, req("GET /image_1.jpg"), req("GET /image_2.jpg"), false},
		{"QS-14: repeated names are keyed as written", all, req("GET /?a=1&a=2"), req("GET /?a=2&a=1"), false},
		{"QS-15: no decoding", all, req("GET /?a=%31"), req("GET /?a=1"), false},
		{"QS-16: absent and empty differ", color, req("GET /x"), req("GET /x?color="), false},
		{"QS-16: empty and bare differ, too", color, req("GET /x?color"), req("GET /x?color="), false},
		{"unknown 3: the viewer's order counts, not the list's", query(only("a", "b")), req("GET /?a=1&b=2"), req("GET /?b=2&a=1"), false},
		{"unknown 3: names are not decoded", color, req("GET /?c%6Flor=red"), req("GET /"), true},
		{"unknown 3: all duplicates are kept", color, req("GET /?color=1&color=2"), req("GET /?color=1"), false},
		{"unknown 2: what is left of nothing is nothing", color, req("GET /x?&&"), req("GET /x"), true},
		{"POL-10: a * in a policy is a name", query(only("c*")), req("GET /?color=1"), req("GET /?color=2"), true},
		{"POL-10: of one character", query(only("c*")), req("GET /?c*=1"), req("GET /?c*=2"), false},
	})
}

func TestQuerySent(t *testing.T) {
	none, all, color := query(Selection{}), query(every), query(only("color"))
	checkSent(t, []sent{
		{"QS-01, FWD-09: none", none, req("GET /a?v=1"), "GET /a"},
		{"QS-02, FWD-09: all, unchanged", all, req("GET /a?b=2&&a=%31&b"), "GET /a?b=2&&a=%31&b"},
		{"QS-03, FWD-09: listed ones only", color, req("GET /?size=1&color=red"), "GET /?color=red"},
		{"QS-04: all but", query(allBut("utm_source")), req("GET /?id=1&utm_source=b"), "GET /?id=1"},
		{"QS-07: a name in another case is not the listed one", color, req("GET /?Color=red"), "GET /"},
		{"QS-08, FWD-10: only & separates", color, req("GET /?color=red;size=large"), "GET /?color=red;size=large"},
		{"QS-11: all by an origin request policy",
			none.with(func(t *Terms) { t.OriginRequest.QueryStrings = every }), req("GET /?v=1"), "GET /?v=1"},
		{"unknown 3: the viewer's order, duplicates kept", query(only("a", "b")), req("GET /?b=2&x&a=1&b=3"), "GET /?b=2&a=1&b=3"},
	})
	play(t, []story{
		{"QS-11: the second value gets the first one's answer",
			none.with(func(t *Terms) { t.OriginRequest.QueryStrings = every }), []step{
				{0, req("GET /?v=1"), says(200), "Miss 200 asked"},
				{1, req("GET /?v=2"), nil, "Hit 200 age 1"},
			}},
	})
}
