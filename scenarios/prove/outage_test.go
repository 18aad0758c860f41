package prove

import (
	"testing"
	"time"
)

// failing has assets that are fresh for a minute, and a server that may fail once.
func failing(control string) CDN {
	c := K(1)
	c.Origin.AssetControl, c.Origin.Outages = control, 1
	return c
}

// switchAndWait lets d pass after the switch.
func switchAndWait(d time.Duration) Mode {
	return Mode{"switch, wait", []Step{put("switch to 2", 2, All), {Name: "wait", Do: Wait, For: d}}}
}

// TestOutages: a server that fails for a while makes caches give what has expired, and
// keep the error.
func TestOutages(t *testing.T) {
	alone := Bounds{Flights: -1, Exact: true}
	plain, hashed := strategy(t, "plain"), strategy(t, "name.hash")
	noError := failing("max-age=31536000")
	forgetFailures(&Deploy{CDN: noError})
	noError.Behaviors = []Behavior{noError.Behaviors[0], noError.Behaviors[1]}
	noError.Behaviors[1].Terms.ErrorTTL = map[int]time.Duration{503: 0}
	rows := []kindRow{
		{name: "STALE-11: without stale-if-error expired assets answer for a failing server", bounds: alone,
			deploy: Deploy{Strategy: plain, Mode: switchAndWait(61 * time.Second), CDN: failing("max-age=60")}},
		{name: "STALE-05: within stale-if-error they do", bounds: alone,
			deploy: Deploy{Strategy: plain, Mode: switchAndWait(61 * time.Second), CDN: failing("max-age=60, stale-if-error=30")}},
		{name: "STALE-08: after it they do not", bounds: alone,
			deploy: Deploy{Strategy: plain, Mode: switchAndWait(120 * time.Second), CDN: failing("max-age=60, stale-if-error=30")}},
		{name: "ERR-01: the error is kept for 10 s", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: failing("max-age=31536000")}},
		{name: "ERR-01: with an error caching minimum TTL of 0 it is not", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: noError}},
		{name: "two tiers", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: func() CDN { c := failing("max-age=31536000"); c.Regional = true; return c }()}},
		{name: "a browser keeps no error and gives nothing that has expired", bounds: alone,
			deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: noError, Visitors: KVisitors(4)}},
	}
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}
