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
	noError.Behaviors = []Behavior{noError.Behaviors[0], noError.Behaviors[1]}
	noError.Behaviors[1].Terms.ErrorTTL = map[int]time.Duration{503: 0}
	rows := []kindRow{
		{name: "STALE-11: without stale-if-error expired assets answer for a failing server", bounds: alone,
			deploy: Deploy{Strategy: plain, Mode: switchAndWait(61 * time.Second), CDN: failing("max-age=60")}, want: "SaM",
			property: ViewConsistency, class: Stale, sticky: true, count: 7, blame: "A1", who: "new visitor"},
		{name: "STALE-05: within stale-if-error they do", bounds: alone,
			deploy: Deploy{Strategy: plain, Mode: switchAndWait(61 * time.Second), CDN: failing("max-age=60, stale-if-error=30")}, want: "SaM"},
		{name: "ERR-01: the error is kept for 10 s", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: failing("max-age=31536000")}, want: "M",
			property: ViewConsistency, class: Missing, sticky: true, count: 7, blame: "A9", who: "new visitor"},
		{name: "ERR-01: with an error caching minimum TTL of 0 it is not", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: noError}, want: "ok"},
		{name: "two tiers", deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: func() CDN { c := failing("max-age=31536000"); c.Regional = true; return c }()}, want: "M"},
		{name: "a browser keeps no error and gives nothing that has expired", bounds: alone,
			deploy: Deploy{Strategy: hashed, Mode: mode(t, "atomic"), CDN: noError, Visitors: KVisitors(4)}, want: "ok"},
	}
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}
