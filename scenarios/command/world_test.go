package command

import (
	"strings"
	"testing"
)

// TestProveWorlds: flags choose who visits, which column stands before the built-in
// site, and how far the explorer goes.
func TestProveWorlds(t *testing.T) {
	rows := []struct {
		name string
		args []string
		fail bool
		want []string
	}{
		{"pages cached", []string{"--cdn", "K2", "--strategy", "name.hash", "--mode", "atomic", "--fail-on", "none"}, false, []string{"CDN K2: like K1, and pages cached for a day", "STALEPAGE"}},
		{"late fills dropped", []string{"--cdn", "k5", "--strategy", "/v/ real", "--mode", "atomic, invalidate"}, false, []string{"✓ PROVED"}},
		{"browser caches", []string{"--cdn", "K4", "--strategy", "plain", "--mode", "atomic, invalidate", "--fail-on", "none"}, false, []string{"Visitors: returning, returning.", "STALE"}},
		{"behind a proxy", []string{"--visitors", "behind proxy,behind proxy", "--strategy", "?v everywhere", "--mode", "atomic"}, true, []string{"Visitors: behind proxy, behind proxy.", "STALE, sticky"}},
		{"an old tab alone", []string{"--visitors", "old tab", "--strategy", "plain", "--mode", "css, img", "--fail-on", "stale,ahead,torn,missing,unknown"}, true, []string{"AHEAD, passing"}},
		{"a poisoned key that no view shows counts as sticky", []string{"--visitors", "old tab", "--strategy", "plain", "--mode", "css, img"}, true, []string{"AHEAD, passing"}},
		{"the back button", []string{"--visitors", "back button", "--strategy", "name.hash", "--mode", "prune", "--fail-on", "missing"}, true, []string{"Visitors: back button.", "MISSING", "STALEPAGE", "comes back with the back button"}},
		{"a crawler", []string{"--visitors", "crawler,fresh", "--strategy", "name.hash", "--mode", "atomic", "--fail-on", "missing"}, true, []string{"Visitors: crawler, fresh.", "MISSING, sticky", "A crawler asks for"}},
		{"a service worker", []string{"--visitors", "unchecked worker", "--strategy", "?v everywhere", "--mode", "rolling", "--fail-on", "stale"}, true, []string{"Visitors: unchecked worker.", "STALE, sticky", "has it and asks nobody"}},
		{"a server that fails", []string{"--outages", "1", "--strategy", "name.hash", "--mode", "atomic", "--fail-on", "missing"}, true, []string{"MISSING", "stops working", "works again", "a 503 is kept for 10s"}},
		{"more deploys", []string{"--more-modes", "--strategy", "name.hash", "--mode", "sync --delete", "--fail-on", "none"}, false, []string{"sync --delete, upload"}},
		{"a copy left behind", []string{"--encodings", "br+gzip,gzip", "--strategy", "?v everywhere", "--mode", "copies left behind", "--fail-on", "none"}, false, []string{"They take, in turn: br and gzip; gzip.", "STALE, sticky", "taking br and gzip", "compress again with every build"}},
		{"a deploy that fails", []string{"--fail-anywhere", "--strategy", "/v/ real", "--mode", "rolling", "--fail-on", "missing"}, true, []string{"MISSING, sticky"}},
		{"too few states", []string{"--states", "300", "--cdn", "K5", "--strategy", "plain", "--mode", "atomic, invalidate", "--fail-on", "none"}, false, []string{"UNKNOWN", "the bound of 300 states was reached"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			out, errs, err := run(t, append([]string{"prove"}, r.args...)...)
			if (err != nil) != r.fail {
				t.Errorf("%v: error %v\n%s", r.args, err, errs)
			}
			text := strings.Join(strings.Fields(out), " ")
			for _, want := range r.want {
				if !strings.Contains(text, want) {
					t.Errorf("%v: not said: %s\n%s", r.args, want, out)
				}
			}
		})
	}
}

func TestProveWorldMistakes(t *testing.T) {
	rows := []struct{ args, want string }{
		{"--cdn K8", "--cdn K8 is none of K1 to K7"},
		{"--cdn K2 --query none", "--query goes without --cdn"},
		{"--visitors ghost", "--visitors ghost is no kind of visitor"},
		{"--visitors fresh,fresh,fresh,fresh,fresh", "5 visitors, the prover takes 1 to 4"},
		{"--encodings zstd", "--encodings zstd is nothing that a visitor takes"},
		{"--encodings br,gzip --visitors fresh", "what 2 visitors take, and --visitors names 1"},
		{"--visitors crowd", "--visitors crowd names nobody whose browser is known"},
		{"--visitors crawler", "somebody has to be beside him"},
		{"--outages 9", "--outages 9: want 0 to 8"},
		{"--states 0", "--states 0: want 1 or more"},
	}
	for _, r := range rows {
		if _, _, err := run(t, append([]string{"prove"}, strings.Fields(r.args)...)...); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%s: got %v, want %s", r.args, err, r.want)
		}
	}
}
