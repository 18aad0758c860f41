package report

import (
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

// TestClock: times of a trace go on event by event, and by what it says passes.
func TestClock(t *testing.T) {
	ask := prove.Event{Kind: prove.Requested, Left: 31536000}
	short := prove.Event{Kind: prove.Requested, Status: 404, Left: 10}
	pass := prove.Event{Kind: prove.Advanced, Seconds: 61}
	long := prove.Event{Kind: prove.Advanced, Seconds: 25 * 3600}
	rows := []struct {
		name   string
		events []prove.Event
		want   string
	}{
		{"a minute each", []prove.Event{ask, ask, ask}, "14:00 14:01 14:02"},
		{"a second each where something is kept for ten", []prove.Event{ask, short, ask}, "14:00:00 14:00:01 14:00:02"},
		{"time passes", []prove.Event{ask, pass, ask}, "14:00:00 14:01:02 14:01:03"},
		{"a day passes", []prove.Event{ask, long, ask}, "14:00:00 15:00:01, day 2 15:00:02, day 2"},
	}
	for _, r := range rows {
		c := newClock(prove.Trace{Events: r.events})
		var got []string
		for _, e := range r.events {
			got = append(got, c.at(e))
		}
		if text := strings.Join(got, " "); text != r.want {
			t.Errorf("%s: got %s, want %s", r.name, text, r.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for seconds, want := range map[int64]string{
		31536000: "a year", 2 * 31536000: "2 years", 86400: "24 h", 2 * 86400: "2 days", 3600: "an hour", 7200: "2 h", 60: "a minute", 600: "10 min", 10: "10 s", 1: "a second", 0: "no time",
	} {
		if got := span(seconds); got != want {
			t.Errorf("%d s: got %s, want %s", seconds, got, want)
		}
	}
}

// TestWhatThisMeans says when, who else, and for how long.
func TestWhatThisMeans(t *testing.T) {
	base := prove.Event{N: 1, Kind: prove.Requested, Actor: "v1", URL: "/css/site.css?v=2", Asset: "css", From: "edge", Status: 200, Builds: []int{1}, View: []int{2}, After: true, Left: 86400, Violation: prove.Stale, Sticky: true}
	browser := base
	browser.From = "browser"
	origin := base
	origin.From, origin.Server, origin.Left = "origin", "s1", 0
	missing := base
	missing.Status, missing.Builds, missing.Left, missing.Violation = 404, nil, 10, prove.Missing
	rows := []struct {
		name   string
		event  prove.Event
		sticky bool
		want   string
	}{
		{"from a cache", base, true, "At 14:00 Ann’s page of release 2 got the style sheet of release 1, and everyone whom the CDN answers will for 24 h, unless it is invalidated; reloading does not help."},
		{"from a browser", browser, true, "At 14:00 Ann’s page of release 2 got the style sheet of release 1, and will for 24 h: no invalidation reaches a browser."},
		{"from a server", origin, true, "At 14:00 Ann’s page of release 2 got the style sheet of release 1. It stays so after the deploy, for every new visitor, until the servers are put right."},
		{"passing", base, false, "At 14:00 Ann’s page of release 2 got the style sheet of release 1. Only visits that overlap the deploy are hit; those that begin later are well."},
		{"missing for the error TTL", missing, true, "At 14:00:00 Ann’s page was left without the style sheet, and everyone whom the CDN answers will be for 10 s, unless it is invalidated; reloading does not help."},
	}
	for _, r := range rows {
		v := prove.Verdict{Status: prove.Refuted, Class: r.event.Violation, Sticky: r.sticky, Trace: prove.Trace{Count: 1, Events: []prove.Event{r.event}}}
		if got := meaning(v, tell(v.Trace)); got != r.want {
			t.Errorf("%s:\n got %s\nwant %s", r.name, got, r.want)
		}
	}
}
