package cachepolicy

import (
	"maps"
	"net/http"
	"testing"
)

func TestConditions(t *testing.T) {
	terms := bounds(0, 86400, 31536000)
	for _, row := range []struct {
		row    string
		stored http.Header
		want   http.Header
	}{
		{"COND-01: an entity tag", header("ETag", `"a"`), header("If-None-Match", `"a"`)},
		{"COND-01: a weak entity tag, as it is", header("ETag", `W/"a"`), header("If-None-Match", `W/"a"`)},
		{"COND-01: a modification date", header("Last-Modified", date(-9)), header("If-Modified-Since", date(-9))},
		{"COND-01: both", header("ETag", `"a"`, "Last-Modified", date(-9)),
			header("If-None-Match", `"a"`, "If-Modified-Since", date(-9))},
		{"COND-03: neither", header("Date", date(0)), header()},
	} {
		t.Run(row.row, func(t *testing.T) {
			s := &Stored{Status: 200, Header: row.stored, Received: noon}
			same(t, "conditions", s.Conditions(), row.want)
			want := Revalidate
			if len(row.want) == 0 {
				want = Fetch
			}
			if pl := terms.Plan(req("GET /"), s, after(1)); pl.Action != want {
				t.Errorf("plan: got %v, want %v", pl.Action, want)
			}
		})
	}
}

// same compares header fields.
func same(t *testing.T, what string, got, want http.Header) {
	t.Helper()
	if len(got) == len(want) {
		equal := true
		for name := range want {
			equal = equal && len(got[name]) == len(want[name]) && got.Get(name) == want.Get(name)
		}
		if equal {
			return
		}
	}
	t.Errorf("%s:\n got %v\nwant %v", what, got, want)
}

func TestRevalidation(t *testing.T) {
	terms := bounds(0, 86400, 31536000)
	page := says(200, "Cache-Control", "max-age=60", "ETag", `"a"`)
	cookies := terms.with(func(t *Terms) { t.Policy.Cookies = only("session") })
	orp := terms.with(func(t *Terms) { t.OriginRequest.Cookies = every })
	play(t, []story{
		{"COND-02: 304 is a RefreshHit and fresh for a new lifetime", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{119, nil, nil, "Hit 200 age 59"},
			{120, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"COND-02: a 304 is not an entry of its own", terms, []step{
			{0, req("GET /", "If-None-Match", `"z"`), says(304, "Cache-Control", "max-age=60"), "Miss 304 asked"},
			{0, nil, page, "Miss 200 asked"},
		}},
		{"COND-03: 200 to the conditional request is a Miss and replaces", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, says(200, "ETag", `"b"`, "Cache-Control", "max-age=5"), "Miss 200 asked If-None-Match"},
			{64, nil, nil, "Hit 200 age 4"},
			{65, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"COND-03: without a validator a plain GET", terms, []step{
			{0, nil, says(200, "Cache-Control", "max-age=60"), "Miss 200 asked"},
			{60, nil, says(200), "Miss 200 asked"},
		}},
		{"COND-04, MCP-13: cookies in the key forbid conditions", cookies, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, page, "Miss 200 asked"},
		}},
		{"COND-04: cookies sent by an origin request policy forbid them", orp, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, page, "Miss 200 asked"},
		}},
		{"COND-05: a new Cache-Control in the 304 counts from then on", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{60, nil, says(304, "Cache-Control", "max-age=5"), "RefreshHit 200 asked If-None-Match"},
			{64, nil, nil, "Hit 200 age 4"},
			{65, nil, says(304, "Cache-Control", "no-store"), "RefreshHit 200 asked If-None-Match"},
			{65, nil, page, "Miss 200 asked"},
		}},
		{"COND-05: an old Expires is not prolonged by a 304 without a new one", terms, []step{
			{0, nil, says(200, "Date", date(0), "Expires", date(60), "ETag", `"a"`), "Miss 200 asked"},
			{60, nil, says(304), "RefreshHit 200 asked If-None-Match"},
			{60, nil, says(304, "Date", date(60), "Expires", date(90)), "RefreshHit 200 asked If-None-Match"},
			{89, nil, nil, "Hit 200 age 29"},
			{90, nil, says(304), "RefreshHit 200 asked If-None-Match"},
		}},
		{"COND-07: the origin's 304 to the viewer's own condition passes", terms, []step{
			{0, req("GET /", "If-None-Match", `"a"`), says(304), "Miss 304 asked"},
		}},
		{"COND-07: the origin's 412 passes", terms, []step{
			{0, req("GET /", "If-Match", `"a"`), says(412), "Error 412 asked"},
			{0, nil, page, "Miss 200 asked"},
		}},
		{"COND-09: evicted before its time, a Miss", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{10, lost, nil, ""},
			{10, nil, page, "Miss 200 asked"},
		}},
		{"COND-09: a file removed at the origin changes nothing before expiry", terms, []step{
			{0, nil, page, "Miss 200 asked"},
			{59, nil, nil, "Hit 200 age 59"},
			{60, nil, says(404), "Error 404 asked If-None-Match"},
		}},
	})
}

// What a 304 changes in the stored header.
func TestNotModifiedMerges(t *testing.T) {
	terms := bounds(0, 60, 600).with(func(t *Terms) { t.TagHeader = "X-Tags" })
	stored := header("Content-Type", "text/html", "Content-Length", "5", "Content-Encoding", "gzip", "Etag", `W/"a"`,
		"Date", date(-100), "Age", "40", "Server", "one", "X-Tags", "old")
	for _, row := range []struct {
		row  string
		said http.Header
		want http.Header
	}{
		{"XC-07: Date is that of the revalidation and the old Age is gone", header("Date", date(0)),
			header("Content-Type", "text/html", "Content-Length", "5", "Content-Encoding", "gzip", "Etag", `W/"a"`,
				"Date", date(0), "Server", "one", "X-Tags", "old")},
		{"XC-07: a 304 without a Date is dated by its reception", header(),
			header("Content-Type", "text/html", "Content-Length", "5", "Content-Encoding", "gzip", "Etag", `W/"a"`,
				"Date", date(0), "Server", "one", "X-Tags", "old")},
		{"COND-05: what it says replaces, what belongs to the bytes stays",
			header("Date", date(0), "Server", "two", "Cache-Control", "no-cache", "Content-Type", "text/plain",
				"Content-Length", "0", "Content-Encoding", "br", "Etag", `"a"`, "X-Tags", "new", "Connection", "x-hop", "X-Hop", "1"),
			header("Content-Type", "text/plain", "Content-Length", "5", "Content-Encoding", "gzip", "Etag", `W/"a"`,
				"Date", date(0), "Server", "two", "Cache-Control", "no-cache", "X-Tags", "new")},
		{"VARY-08: a 304's Vary does not take away what compression added", header("Vary", "Cookie"),
			header("Content-Type", "text/html", "Content-Length", "5", "Content-Encoding", "gzip", "Etag", `W/"a"`,
				"Date", date(0), "Server", "one", "X-Tags", "old", "Vary", "Cookie, Accept-Encoding")},
	} {
		t.Run(row.row, func(t *testing.T) {
			stored := stored
			if row.said["Vary"] != nil {
				stored = maps.Clone(stored)
				AddVaryEncoding(stored)
			}
			s := &Stored{Key: "k", URI: "/", Status: 200, Header: stored, Received: after(-100), Mark: 3, BodyBytes: 5,
				Tags: []string{"old"}, OriginAge: seconds(40), QuietUntil: after(9)}
			reply := Reply{Status: 304, Header: row.said, Requested: after(-1), Received: noon}
			out := terms.Settle(req("GET /"), Plan{Action: Revalidate, Stored: s}, reply, "other", "/other", 7)
			same(t, "to the viewer", out.Header, row.want)
			got := out.Store
			same(t, "stored", got.Header, row.want)
			if got.Key != "k" || got.URI != "/" || got.BodyBytes != 5 {
				t.Errorf("got key %q, URI %q, %d bytes, want those of the stored response", got.Key, got.URI, got.BodyBytes)
			}
			if got.Mark != 7 || !got.Received.Equal(noon) || !got.QuietUntil.IsZero() || got.OriginAge != 0 {
				t.Errorf("got %+v, want mark, times and ages of the revalidation", got)
			}
			if tag := row.want.Get("X-Tags"); len(got.Tags) != 1 || got.Tags[0] != tag {
				t.Errorf("tags: got %q, want %q", got.Tags, tag)
			}
		})
	}
	t.Run("unknown 7: an Age in the 304 is where ours goes on from", func(t *testing.T) {
		s := &Stored{Status: 200, Header: stored, Received: after(-100), OriginAge: seconds(40)}
		reply := Reply{Status: 304, Header: header("Age", "6"), Received: noon}
		out := terms.Settle(req("GET /"), Plan{Action: Revalidate, Stored: s}, reply, "", "", 0)
		if age := out.Store.Age(after(2)); age != seconds(8) {
			t.Errorf("after 2 s: got age %v, want 8s", age)
		}
	})
}
