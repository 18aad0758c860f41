package prove

import (
	"strings"
	"testing"
)

// TestRepairsCanBeDone: nobody can tell CloudFront not to store a late answer, but to
// invalidate again, for who comes afterwards. Where that does not help, with a regional
// cache or for who comes during the deploy, something else is said.
func TestRepairsCanBeDone(t *testing.T) {
	const again = "invalidate /* again when the longest download that may have begun before the last step has ended"
	twoTiersLate := twoTiers()
	for i := range twoTiersLate.Behaviors {
		twoTiersLate.Behaviors[i].Terms.Emulation.KeepLateFills = true
	}
	late := map[string]Deploy{
		"T6":             {Site: SampleSite(), Strategy: strategy(t, "plain"), Mode: mode(t, "atomic, invalidate"), CDN: K(2)},
		"T7":             {Site: SampleSite(), Strategy: strategy(t, "name.hash"), Mode: mode(t, "upload, invalidate, prune"), CDN: K(2)},
		"no late fills":  {Site: SampleSite(), Strategy: strategy(t, "plain"), Mode: mode(t, "atomic, invalidate"), CDN: K(5)},
		"no invalidated": {Site: SampleSite(), Strategy: strategy(t, "plain"), Mode: mode(t, "atomic"), CDN: K(2)},
		"two tiers":      {Site: SampleSite(), Strategy: strategy(t, "plain"), Mode: purge("regional", "edge"), CDN: twoTiersLate},
	}
	for name, want := range map[string]bool{"T6": true, "T7": true, "no late fills": false, "no invalidated": false, "two tiers": false} {
		got := false
		for _, v := range Prove(t.Context(), late[name], Bounds{}, nil) {
			if v.Status != Refuted {
				continue
			}
			is := strings.Contains(v.Repair, again)
			got = got || is
			if is && !v.Sticky || strings.Contains(v.Repair, "late fills") {
				t.Errorf("%s: %s %s, sticky %v, is repaired so: %s", name, v.Property, v.Class, v.Sticky, v.Repair)
			}
		}
		if got != want {
			t.Errorf("%s: a second invalidation repairs it: %v, want %v", name, got, want)
		}
	}
}
