package replay

import (
	"context"
	"slices"
	"strings"
	"testing"

	"staleproof/scenarios/browser"
	"staleproof/scenarios/prove"
)

// chromium are browsers for the stories of one test, which is skipped without any.
func chromium(t *testing.T) *Browsers {
	t.Helper()
	if _, err := browser.Find(""); err != nil {
		t.Skip(err)
	}
	b := &Browsers{}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// agreesInChromium plays all that is refuted of a deploy, and says how much that was.
func agreesInChromium(t *testing.T, b *Browsers, d prove.Deploy, verdicts []prove.Verdict) (played int) {
	t.Helper()
	for _, v := range verdicts {
		if v.Status != prove.Refuted || v.Property == prove.Settling {
			continue
		}
		played++
		s := Of("", d, v)
		r := run(t, s, Options{Levels: []Level{Chromium}, Browsers: b})
		if l := r.Levels[0]; l.Outcome != Agrees {
			t.Errorf("%v, %s / %s, %s %s sticky=%v: %s: %s", d.Visitors, d.Strategy.Name, d.Mode.Name, v.Property, v.Class, v.Sticky, l.Outcome, l.Why)
			for i, step := range r.Steps {
				t.Logf("%d %s %s %s%s: %v, want %v", i+1, step.Event.Kind, step.Event.Actor, step.Event.URL, step.Event.Step, step.Answers, Told(&step.Event))
			}
		}
	}
	return played
}

// TestWorkersInChromium plays what befalls those who have a service worker with real
// ones: what each is given, and what becomes of it, is as the prover says. -every has all
// counterexamples of K1, of each kind alone and with a new visitor beside it.
func TestWorkersInChromium(t *testing.T) {
	browsers := chromium(t)
	if *every {
		everyWorker(t, browsers)
		return
	}
	rows := []struct {
		strategy, mode string
		visitors       []prove.Kind
	}{
		{"?v everywhere", "rolling", []prove.Kind{prove.Worker}},
		{"name.hash, nested bare", "rollback, invalidate", []prove.Kind{prove.Worker, prove.Fresh}},
		{"?v everywhere", "rolling", []prove.Kind{prove.UncheckedWorker}},
		{"plain", "atomic", []prove.Kind{prove.UncheckedWorker, prove.Fresh}},
		{"plain", "atomic", []prove.Kind{prove.SkipWaitingWorker}},
		{"name.hash", "upload, invalidate, prune", []prove.Kind{prove.SkipWaitingWorker}},
	}
	for _, r := range rows {
		t.Run(string(r.visitors[0])+", "+r.strategy+", "+r.mode, func(t *testing.T) {
			of := golden{strategy: r.strategy, mode: r.mode, cdn: prove.K(1), visitors: r.visitors}
			d := of.deploy()
			if n := agreesInChromium(t, browsers, d, prove.Prove(context.Background(), d, prove.Bounds{}, nil)); n == 0 {
				t.Error("nothing was played")
			}
		})
	}
}

func everyWorker(t *testing.T, b *Browsers) {
	played := 0
	for _, kind := range []prove.Kind{prove.Worker, prove.UncheckedWorker, prove.SkipWaitingWorker} {
		for _, visitors := range [][]prove.Kind{{kind}, {kind, prove.Fresh}} {
			of := prove.Deploy{Visitors: visitors}
			for i, row := range prove.Matrix(context.Background(), prove.K(1), of, nil, nil, prove.Bounds{}, nil).Cells {
				for j, c := range row {
					d := of
					d.CDN, d.Strategy, d.Mode = prove.K(1), prove.Strategies()[i], prove.Modes()[j]
					played += agreesInChromium(t, b, d, c.Verdicts)
				}
			}
		}
	}
	t.Logf("%d counterexamples", played)
	if played < 2900 {
		t.Error("there were 2,953")
	}
}

// TestWorkersDiffer tells a story with something changed that only a service worker
// shows: Chromium notices.
func TestWorkersDiffer(t *testing.T) {
	browsers := chromium(t)
	event := func(t *testing.T, s *Story, kind prove.EventKind, worker string) *prove.Event {
		t.Helper()
		i := slices.IndexFunc(s.Trace.Events, func(e prove.Event) bool { return e.Kind == kind && e.Worker == worker })
		if i < 0 {
			t.Fatalf("nothing of the kind %q, %q in %+v", kind, worker, s.Trace.Events)
		}
		return &s.Trace.Events[i]
	}
	mixed := golden{strategy: "plain", mode: "atomic", cdn: prove.K(1), visitors: []prove.Kind{prove.SkipWaitingWorker}, property: prove.OneBuild, class: prove.Mixed, sticky: true}
	rows := []struct {
		name   string
		change func(t *testing.T, s *Story)
		want   string
	}{
		{"it waits", func(t *testing.T, s *Story) {
			event(t, s, prove.WorkerFetched, prove.WorkerActive).Worker = prove.WorkerWaits
		}, "worker active, and not"},
		{"its script is not new", func(t *testing.T, s *Story) {
			event(t, s, prove.WorkerChecked, prove.WorkerInstalls).Worker = prove.WorkerKept
		}, "worker installs, and not"},
		{"it has not skipped waiting", func(t *testing.T, s *Story) {
			for i := range s.Trace.Events {
				if e := &s.Trace.Events[i]; e.Visitor == prove.SkipWaitingWorker {
					e.Visitor = prove.UncheckedWorker
				}
			}
		}, "worker waits, and not"},
		{"it fetches what it has", func(t *testing.T, s *Story) {
			i := slices.IndexFunc(s.Trace.Events, func(e prove.Event) bool { return e.Worker == prove.WorkerInstalls && e.Kind == prove.WorkerFetched })
			s.Trace.Events = slices.Insert(s.Trace.Events, i, s.Trace.Events[i])
		}, "its worker is not to fetch"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, err := mixed.story(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			r.change(t, &s)
			if l := run(t, s, Options{Levels: []Level{Chromium}, Browsers: browsers}).Levels[0]; l.Outcome != Differs || !strings.Contains(l.Why, r.want) {
				t.Errorf("%s: %s, want %q", l.Outcome, l.Why, r.want)
			}
		})
	}
}
