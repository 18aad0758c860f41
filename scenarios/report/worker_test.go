package report

import (
	"context"
	"slices"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

// found is a sticky counterexample.
func found(t *testing.T, strategy, mode string, class prove.Class, visitors ...prove.Kind) prove.Verdict {
	t.Helper()
	i := slices.IndexFunc(prove.Strategies(), func(s prove.Strategy) bool { return s.Name == strategy })
	j := slices.IndexFunc(prove.Modes(), func(m prove.Mode) bool { return m.Name == mode })
	d := prove.Deploy{Strategy: prove.Strategies()[i], Mode: prove.Modes()[j], CDN: prove.K(1), Visitors: visitors}
	for _, v := range prove.Prove(context.Background(), d, prove.Bounds{}, nil) {
		if v.Class == class && v.Sticky {
			return v
		}
	}
	t.Fatalf("no %s in %s, %s", class, strategy, mode)
	return prove.Verdict{}
}

// TestWorkersKeep: what a service worker keeps and should not stands below the steps, and
// for how long.
func TestWorkersKeep(t *testing.T) {
	rows := []struct {
		verdict prove.Verdict
		want    string // what is wrong in the end
		means   string
	}{
		{found(t, "?v everywhere", "rolling", prove.Stale, prove.UncheckedWorker), "Ann’s service worker keeps /css?v=2 1, the CDN keeps /css?v=2 1",
			"It stays so until this visitor’s service worker installs another release; no invalidation reaches it."},
		{found(t, "?v everywhere", "rolling", prove.Ahead, prove.UncheckedWorker, prove.Fresh), "Ann’s service worker keeps / 1, the CDN keeps /css?v=1 2",
			"It stays so until this visitor’s service worker installs another release; no invalidation reaches it."},
		{found(t, "plain", "atomic", prove.Ahead, prove.SkipWaitingWorker), "",
			"It stays so until the page is opened anew: a new service worker took over under it."},
	}
	for _, r := range rows {
		s := tell(r.verdict.Trace)
		var wrong []string
		for _, h := range s.lines[len(s.lines)-1].Holds {
			if h.Bad {
				wrong = append(wrong, h.Cache+" keeps "+h.URL+" "+h.Builds)
			}
		}
		slices.Sort(wrong)
		if got := strings.Join(wrong, ", "); got != r.want {
			t.Errorf("wrong are %s, want %s", got, r.want)
		}
		if got := meaning(r.verdict, s); !strings.HasSuffix(got, r.means) {
			t.Errorf("%s, want %s", got, r.means)
		}
	}
}

// TestWorkersAreTold: what a service worker and a crawler do is said in words.
func TestWorkersAreTold(t *testing.T) {
	find := func(strategy, mode string, class prove.Class, visitors ...prove.Kind) prove.Trace {
		return found(t, strategy, mode, class, visitors...).Trace
	}
	rows := []struct {
		trace prove.Trace
		want  []string
	}{
		{find("?v everywhere", "rolling", prove.Mixed, prove.UncheckedWorker), []string{
			"Ann opens the page, /. Ann’s service worker has it and asks nobody: the page of release 1.",
			"Ann’s browser looks whether there is a new service worker. The script comes with the page, /. Server 1 answers with the page of release 2.",
			"Ann’s new service worker fetches the style sheet, /css?v=2. The CDN has no copy and asks server 1, which sends the one of release 2.",
			"It is not of release 2, and nobody compares.",
			"Now the new service worker has everything. It takes over when a page is opened next.",
			"Ann’s page asks for the picture, /img?v=2. Ann’s service worker has it and asks nobody: the one of release 1.",
		}},
		{find("plain", "atomic", prove.Mixed, prove.SkipWaitingWorker), []string{"takes over at once, whatever page is open"}},
		{find("name.hash", "atomic", prove.Missing, prove.Crawler, prove.Fresh), []string{"A crawler asks for the style sheet, /css.0147bdba, led by nothing that is shown."}},
	}
	for _, r := range rows {
		text := strings.Join(Story(r.trace), "\n")
		for _, want := range r.want {
			if !strings.Contains(text, want) {
				t.Errorf("not said: %s\n%s", want, text)
			}
		}
	}
}
