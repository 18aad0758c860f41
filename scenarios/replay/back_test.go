package replay

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// TestBackInChromium has visitors in Chromium who press the back button: their pages
// come back without a request, whatever Cache-Control they have, as the prover's do,
// and then go on as an old tab does.
func TestBackInChromium(t *testing.T) {
	program, err := browser.Find("")
	if err != nil {
		t.Skip(err)
	}
	rows := []struct {
		golden
		control string // of pages
	}{
		{golden{id: "back to a page of before, no-cache", strategy: "name.hash", mode: "atomic", property: prove.Freshness, class: prove.StalePage, sticky: true}, "no-cache"},
		{golden{id: "back to a page of before, no-store", strategy: "name.hash", mode: "atomic", property: prove.Freshness, class: prove.StalePage, sticky: true}, "no-store"},
		{golden{id: "back, and lazy chunks are gone", strategy: "name.hash", mode: "upload, invalidate, prune", property: prove.Retention, class: prove.Missing}, "no-cache"},
		{golden{id: "back, and a query gets the newer file", strategy: "?v everywhere", mode: "atomic", property: prove.ViewConsistency, class: prove.Ahead}, "no-cache"},
	}
	browsers := &Browsers{}
	t.Cleanup(func() {
		if err := browsers.Close(); err != nil {
			t.Error(err)
		}
	})
	play := func(t *testing.T, r golden, control string, b *Browsers) (chromium LevelResult) {
		t.Helper()
		r.cdn = prove.K(1)
		r.cdn.Origin.PageControl = control
		r.visitors = []prove.Kind{prove.BackButton}
		s, err := r.story(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(s.Trace.Events, func(e prove.Event) bool { return e.Kind == prove.Restored }) {
			t.Fatalf("nobody comes back in %+v", s.Trace.Events)
		}
		levels := run(t, s, Options{Levels: []Level{Values, Chromium}, Browsers: b}).Levels
		if levels[0].Outcome != Agrees {
			t.Errorf("values: %s: %s", levels[0].Outcome, levels[0].Why)
		}
		return levels[1]
	}
	for _, r := range rows {
		t.Run(r.id, func(t *testing.T) {
			if l := play(t, r.golden, r.control, browsers); l.Outcome != Agrees {
				t.Errorf("%s: %s", l.Outcome, l.Why)
			}
		})
	}
	t.Run("a browser that keeps no pages is no success", func(t *testing.T) {
		without := filepath.Join(t.TempDir(), "chromium")
		if err := os.WriteFile(without, []byte("#!/bin/sh\nexec "+program+" --disable-back-forward-cache \"$@\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		b := &Browsers{Program: without}
		defer b.Close()
		if l := play(t, rows[0].golden, rows[0].control, b); l.Outcome != Differs || !strings.Contains(l.Why, "the page was loaded anew") {
			t.Errorf("%s: %s", l.Outcome, l.Why)
		}
	})
}
