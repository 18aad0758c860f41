package report

import (
	"fmt"

	"staleproof/scenarios/prove"
)

// Seconds of the units that people tell times in.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// clock gives the events of a trace times of a day that begins at 14:00. In a trace
// time passes only where it says so; for a reader each event takes a step, a minute,
// or a second where something is kept for less than an hour or time does pass.
type clock struct {
	now, step int64 // seconds since midnight
}

func newClock(t prove.Trace) clock {
	c := clock{now: 14 * hour, step: minute}
	for _, e := range t.Events {
		if e.Kind == prove.Advanced || e.Left > 0 && e.Left < hour {
			c.step = 1
		}
	}
	c.now -= c.step
	return c
}

// at is the time of the next event.
func (c *clock) at(e prove.Event) string {
	c.now += c.step + e.Seconds
	text := fmt.Sprintf("%02d:%02d", c.now%day/hour, c.now%hour/minute)
	if c.step < minute {
		text += fmt.Sprintf(":%02d", c.now%minute)
	}
	if c.now >= day {
		text += fmt.Sprintf(", day %d", 1+c.now/day)
	}
	return text
}

// span is how long something is kept, in the unit people would use.
func span(seconds int64) string {
	units := []struct {
		least, seconds int64
		one, many      string
	}{{365 * day, 365 * day, "a year", "years"}, {2 * day, day, "a day", "days"}, {hour, hour, "an hour", "h"}, {minute, minute, "a minute", "min"}, {1, 1, "a second", "s"}}
	for _, u := range units {
		switch n := seconds / u.seconds; {
		case seconds < u.least:
		case n == 1:
			return u.one
		default:
			return fmt.Sprintf("%d %s", n, u.many)
		}
	}
	return "no time"
}
