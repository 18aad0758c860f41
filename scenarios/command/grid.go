package command

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
)

// proveGrid proves every strategy with every mode, a strategy on each processor.
// Which one is done first changes nothing but the progress.
func proveGrid(ctx context.Context, q *question, progress func(done int, p prove.Progress)) prove.Grid {
	rows := make([]prove.Grid, len(q.strategies))
	var mu sync.Mutex // guards done
	done := 0
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(q.strategies)) {
		workers.Go(func() { // ends when next is closed
			for i := range next {
				rows[i] = prove.Matrix(ctx, q.cdn, q.deploy, q.strategies[i:i+1], q.modes, q.bounds, func(p prove.Progress) {
					mu.Lock()
					defer mu.Unlock()
					if ctx.Err() == nil && p.Done > 0 && p.Depth == 0 { // else still at it, or not looked at any more
						done++
					}
					progress(done, p)
				})
			}
		})
	}
	for i := range q.strategies {
		next <- i
	}
	close(next)
	workers.Wait()
	all := rows[0]
	for _, r := range rows[1:] {
		all.Strategies = append(all.Strategies, r.Strategies...)
		all.Cells = append(all.Cells, r.Cells...)
	}
	return all
}

// byPath reports whether a strategy has the version in the path, everywhere.
func byPath(s prove.Strategy) bool {
	return (s.Version == prove.InDir || s.Version == prove.InName) && !s.NestedBare && !s.SameID
}

func byQuery(s prove.Strategy) bool {
	return s.Version == prove.InQuery || s.Version == prove.InQueryHash
}

// wrongFile reports whether visitors are shown bytes of another release.
func wrongFile(o report.Outcome) bool {
	return o.Status == prove.Refuted && (o.Class == prove.Stale || o.Class == prove.Ahead || o.Class == prove.Torn)
}

// everywhereFirst is the deploy that a versioned path needs on several servers.
const everywhereFirst = "assets everywhere, roll"

// demonstration says in what the built-in site's grid is not the picture that is
// known: versions in the path never show a wrong file, and no file is missing when
// the assets are everywhere first; versions in the query string do show wrong
// ones, for good.
func demonstration(g prove.Grid, strategies []prove.Strategy) (wrong []string) {
	for i, s := range strategies {
		sticky := false
		for _, c := range g.Cells[i] {
			o := report.OutcomeOf(c)
			switch {
			case o.Status == prove.Unknown:
				wrong = append(wrong, fmt.Sprintf("%q deployed as %q is UNKNOWN: %s", c.Strategy, c.Mode, o.Verdict.Cause))
			case byPath(s) && wrongFile(o), byPath(s) && c.Mode == everywhereFirst && o.Status != prove.Proved:
				wrong = append(wrong, fmt.Sprintf("%q deployed as %q is %s, and should be PROVED", c.Strategy, c.Mode, o.Word()))
			}
			sticky = sticky || wrongFile(o) && o.Sticky
		}
		if byQuery(s) && !sticky && len(g.Cells[i]) == len(prove.Modes()) {
			wrong = append(wrong, fmt.Sprintf("%q shows no wrong file for good, and should", s.Name))
		}
	}
	return wrong
}
