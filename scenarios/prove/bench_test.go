package prove

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// BenchmarkExplore measures the explorer on K1 worlds: 2 visitors as published, 4 with any
// number of evictions, and other kinds of visitors. states/cpu-s is per second of processor
// time, garbage collection included, so that a busy machine does not spoil it.
func BenchmarkExplore(b *testing.B) {
	rolling := Deploy{Strategy: Strategies()[2], Mode: Modes()[7], CDN: K(1)}
	seen := func(by ...Kind) Deploy {
		d := rolling
		d.Visitors = by
		return d
	}
	tiers, takes := rolling, rolling
	tiers.CDN = K(2)
	tiers.CDN.Regional = true
	takes.Site, takes.CDN, takes.Takes = copied(), encoded(K(1)), []Encodings{"br,gzip", "gzip", ""}
	rows := []struct {
		name   string
		deploy Deploy
		bounds Bounds
	}{
		{"2 visitors", rolling, Bounds{}},
		{"3 visitors", rolling, Bounds{Visitors: 3}},
		{"4 visitors, any evictions", rolling, Bounds{Visitors: 4, Flights: 4, Evictions: -1}},
		{"two who return", seen(Returning, Returning), Bounds{Evictions: 1}},
		{"a service worker and one", seen(Worker, Fresh), Bounds{Evictions: 1}},
		{"a crawler and two", seen(Fresh, Fresh, Crawler), Bounds{}},
		{"three who take encodings", takes, Bounds{}},
		{"two tiers, 3 visitors", tiers, Bounds{Visitors: 3, Evictions: 1}},
	}
	for _, row := range rows {
		b.Run(row.name, func(b *testing.B) {
			states, bytes, before := 0, int64(0), processorTime(b)
			for b.Loop() {
				b.StopTimer()
				m, err := newModel(row.deploy, row.bounds.withDefaults(), hook{})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				x := m.explore(context.Background(), nil)
				if x.out != "" {
					b.Fatal(x.out)
				}
				states, bytes = states+x.states, bytes+x.bytes
			}
			b.ReportMetric(float64(states)/(processorTime(b)-before).Seconds(), "states/cpu-s")
			b.ReportMetric(float64(states)/float64(b.N), "states/op")
			b.ReportMetric(float64(bytes)/float64(states), "bytes/state")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFixpoint measures one cell of the K1 grid.
func BenchmarkFixpoint(b *testing.B) {
	for b.Loop() {
		m, err := newModel(Deploy{Strategy: Strategies()[2], Mode: Modes()[7], CDN: K(1)}, Bounds{}.withDefaults(), hook{})
		if err != nil {
			b.Fatal(err)
		}
		m.mayHappen()
	}
}

// BenchmarkGrid measures the whole K1 grid, as `make run` proves it.
func BenchmarkGrid(b *testing.B) {
	for b.Loop() {
		Matrix(context.Background(), K(1), Deploy{}, nil, nil, Bounds{}, nil)
	}
}
