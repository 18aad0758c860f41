package report

import (
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

// TestVariants tells what is taken, and keeps the variants of a URL apart.
func TestVariants(t *testing.T) {
	const css = "site /css?v=2\nAccept-Encoding: "
	old := prove.Event{N: 1, Kind: prove.Requested, Actor: "v1", Asset: "css", URL: "/css?v=2", Takes: "br,gzip", Coding: "br", Key: css + "br,gzip",
		Server: "s1", From: "origin", Status: 200, Builds: []int{1}, Body: "a", Stored: []string{"edge"}, Poisoned: css + "br,gzip"}
	fresh := prove.Event{N: 2, Kind: prove.Requested, Actor: "v2", Asset: "css", URL: "/css?v=2", Takes: "gzip", Coding: "br", Key: css + "gzip",
		Server: "s1", From: "origin", Status: 200, Builds: []int{2}, Body: "b", Stored: []string{"edge"}}
	w := teller{pages: map[string]bool{}, opened: map[string]bool{}}
	w.trace = prove.Trace{Events: []prove.Event{old, fresh}}
	w.cast()
	first, second := w.event(0, old), w.event(1, fresh)
	for text, want := range map[string]string{
		first.Text:  "asks for the style sheet, /css?v=2, taking br and gzip. ",
		second.Text: "bytes compressed with br, which cannot be read by one who does not take that",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nwant %s", text, want)
		}
	}
	w.keep(old)
	w.keep(fresh)
	if len(w.holds) != 2 || !w.holds[0].Bad || w.holds[1].Bad || w.holds[1].URL != "/css?v=2 (gzip)" {
		t.Errorf("the CDN holds %+v, want a wrong copy for br,gzip and a right one for gzip", w.holds)
	}
	w.keep(prove.Event{Kind: prove.Invalidated, Items: []string{"/css*"}})
	if len(w.holds) != 0 {
		t.Errorf("after an invalidation of the path the CDN holds %+v", w.holds)
	}
}
