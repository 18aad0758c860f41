package proxy_test

import (
	"testing"
	"testing/synctest"
	"time"

	"staleproof/proxy"
)

// In a bubble the system's clock stands at the beginning of the year 2000.
func TestClockIsMovedForwardWithinBounds(t *testing.T) {
	const year = 365 * 24 * time.Hour
	at := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	by := func(d time.Duration) func(*proxy.Clock) bool {
		return func(c *proxy.Clock) bool { return c.Advance(d) }
	}
	to := func(t time.Time) func(*proxy.Clock) bool {
		return func(c *proxy.Clock) bool { return c.Set(t) }
	}
	tests := []struct {
		name  string
		first time.Duration // ahead before the move
		move  func(*proxy.Clock) bool
		moved bool
		want  time.Time
	}{
		{"by a year", 0, by(366 * 24 * time.Hour), true, at(2001)},
		{"by less than nothing", time.Hour, by(-time.Hour), false, at(2000).Add(time.Hour)},
		{"to a time", 0, to(at(2050)), true, at(2050)},
		{"to a time that is over", time.Hour, to(at(2000)), false, at(2000).Add(time.Hour)},
		{"by all it can be ahead", 0, by(proxy.MaxAhead), true, at(2000).Add(proxy.MaxAhead)},
		{"by more than it can be ahead", 0, by(proxy.MaxAhead + 1), false, at(2000)},
		{"by little, when it is as far ahead as it can be", proxy.MaxAhead, by(1), false, at(2000).Add(proxy.MaxAhead)},
		{"by more than a duration can be, in two moves", 50 * year, by(1<<63 - 1), false, at(2000).Add(50 * year)},
		{"to a time farther than a duration can be", 0, to(at(9999)), false, at(2000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &proxy.Clock{}
				c.Advance(tt.first)
				if moved := tt.move(c); moved != tt.moved {
					t.Errorf("%s: moved %v, want %v", tt.name, moved, tt.moved)
				}
				if got := c.Now().UTC(); !got.Equal(tt.want) {
					t.Errorf("%s: it is %v, want %v", tt.name, got, tt.want)
				}
			})
		})
	}
}
