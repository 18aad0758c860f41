package prove

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// BenchmarkExplore measures the explorer on K1 worlds: 2 visitors as published,
// and 4 with any number of evictions. states/cpu-s is per second of processor
// time, garbage collection included, so that a busy machine does not spoil it.
func BenchmarkExplore(b *testing.B) {
	rows := []struct {
		name   string
		bounds Bounds
	}{
		{"2 visitors", Bounds{}},
		{"3 visitors", Bounds{Visitors: 3}},
		{"4 visitors, any evictions", Bounds{Visitors: 4, Flights: 4, Evictions: -1}},
	}
	for _, row := range rows {
		b.Run(row.name, func(b *testing.B) {
			states, bytes, before := 0, int64(0), processorTime(b)
			for b.Loop() {
				b.StopTimer()
				m, err := newModel(Deploy{Strategy: Strategies()[2], Mode: Modes()[7], CDN: K(1)}, row.bounds.withDefaults(), hook{})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				x := m.explore(context.Background(), nil)
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
