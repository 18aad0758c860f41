package cachepolicy

import (
	"strings"
	"testing"
)

func TestVary(t *testing.T) {
	free, floor := bounds(0, 60, 60), bounds(1, 60, 60)
	language := floor.with(func(t *Terms) { t.Policy.Headers = only("Accept-Language") })
	orp := floor.with(func(t *Terms) { t.OriginRequest.Headers = only("Accept-Language") })
	device := floor.with(func(t *Terms) { t.OriginRequest.Headers = only("Cloudfront-Is-Mobile-Viewer") })
	country := floor.with(func(t *Terms) { t.OriginRequest.Headers = only("Cloudfront-Viewer-Country") })
	viewer := floor.with(func(t *Terms) { t.OriginRequest.Headers = every })
	for _, row := range []struct {
		row   string
		terms Terms
		said  []string
		want  string // "": no Vary at all
	}{
		{"VARY-01: * with minimum 0 stays", free, []string{"*"}, "*"},
		{"VARY-01: * among others is *", free, []string{"Accept-Encoding, *"}, "*"},
		{"VARY-02: * with a minimum is removed", floor, []string{"*"}, ""},
		{"VARY-02: from a list, too", floor, []string{"*, Accept-Encoding"}, "Accept-Encoding"},
		{"VARY-03, RSP-11: Accept-Encoding always stays", floor, []string{"Accept-Encoding"}, "Accept-Encoding"},
		{"VARY-03, RSP-11: Cookie always stays", floor, []string{"Cookie"}, "Cookie"},
		{"VARY-03: as the origin spells it", floor, []string{"accept-encoding"}, "accept-encoding"},
		{"VARY-04, RSP-12: a header in the key stays", language, []string{"Accept-Language"}, "Accept-Language"},
		{"VARY-04: a header that an origin request policy sends stays", orp, []string{"accept-language"}, "accept-language"},
		{"VARY-04: with all viewer headers it stays", viewer, []string{"Accept-Language"}, "Accept-Language"},
		{"VARY-04, RSP-12: one that is not forwarded goes", floor, []string{"Accept-Language"}, ""},
		{"VARY-05, RSP-12: User-Agent stays with a device header", device, []string{"User-Agent"}, "User-Agent"},
		{"VARY-05: not with another CloudFront header", country, []string{"User-Agent"}, ""},
		{"VARY-05: nor without any", floor, []string{"User-Agent"}, ""},
		{"VARY-06: others go, the rest stays", floor, []string{"X-Foo, Accept-Encoding"}, "Accept-Encoding"},
		{"VARY-06: over several lines", floor, []string{"X-Foo", "Cookie,Accept-Encoding"}, "Cookie, Accept-Encoding"},
		{"VARY-06: nothing left is no Vary", floor, []string{"X-Foo", "X-Bar"}, ""},
		{"VARY-06: legacy settings forward it, but nobody asked them to", legacy, []string{"X-Foo"}, ""},
	} {
		t.Run(row.row, func(t *testing.T) {
			h := header()
			h["Vary"] = row.said
			got, ok := row.terms.ViewerHeader(h)["Vary"]
			if strings.Join(got, "|") != row.want || ok != (row.want != "") {
				t.Errorf("Vary %q:\n got %q\nwant %q", row.said, got, row.want)
			}
		})
	}
	play(t, []story{
		{"VARY-01, RSP-13: stored, yet each request goes to the origin without conditions", free, []step{
			{0, nil, says(200, "Vary", "*", "ETag", `"a"`, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{1, nil, says(200, "Vary", "*", "ETag", `"a"`, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{2, nil, silent, "Hit 200 age 1 asked"},
		}},
		{"VARY-02, RSP-13: with a minimum it is cached as any other", floor, []step{
			{0, nil, says(200, "Vary", "*", "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{1, nil, nil, "Hit 200 age 1"},
		}},
		{"VARY-07: one entry for all languages", floor, []step{
			{0, req("GET /", "X-Lang", "de"), says(200, "Vary", "X-Lang"), "Miss 200 asked"},
			{1, req("GET /", "X-Lang", "en"), nil, "Hit 200 age 1"},
		}},
		{"VARY-07, unknown 12: also when an origin request policy sends it",
			floor.with(func(t *Terms) { t.OriginRequest.Headers = only("X-Lang") }), []step{
				{0, req("GET /", "X-Lang", "de"), says(200, "Vary", "X-Lang"), "Miss 200 asked"},
				{1, req("GET /", "X-Lang", "en"), nil, "Hit 200 age 1"},
			}},
	})
}
