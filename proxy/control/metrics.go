package control

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/VictoriaMetrics/metrics"

	"staleproof/proxy"
)

// metrics are the counts and what the process takes, in the text format of
// Prometheus. They are read when they are asked for and cost nothing else.
func (d *Door) metrics(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	writeCounts(&b, d.Network.Counts())
	for _, e := range d.Network.Edges() {
		metrics.WriteGaugeUint64(&b, series("staleproof_store_bytes", "pop", e.POP()), uint64(max(0, e.StoredBytes())))
	}
	metrics.WriteGaugeFloat64(&b, "staleproof_clock_ahead_seconds", d.Clock.Ahead().Seconds())
	if d.Faults != nil {
		metrics.WriteGaugeUint64(&b, "staleproof_faults", uint64(len(d.Faults.List())))
	}
	if d.Feed != nil {
		metrics.WriteGaugeUint64(&b, "staleproof_event_listeners", uint64(d.Feed.Listeners()))
	}
	metrics.WriteProcessMetrics(&b)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(b.Bytes())
}

// writeCounts writes each family in one piece, as the format wants it.
func writeCounts(w io.Writer, c proxy.Counts) {
	for _, a := range c.Answers {
		metrics.WriteCounterUint64(w, series("staleproof_answers_total", "pop", a.POP, "distribution", a.Distribution, "behavior", a.Behavior,
			"result", string(a.Result), "reason", string(a.Reason)), uint64(a.Count))
	}
	labels := func(o *proxy.OriginCount) []string {
		return []string{"pop", o.POP, "distribution", o.Distribution, "origin", o.Origin, "status", fmt.Sprint(o.Status), "failure", o.Failure}
	}
	for i := range c.Origins {
		metrics.WriteCounterUint64(w, series("staleproof_origin_requests_total", labels(&c.Origins[i])...), uint64(c.Origins[i].Count))
	}
	for i := range c.Origins {
		metrics.WriteCounterFloat64(w, series("staleproof_origin_seconds_total", labels(&c.Origins[i])...), c.Origins[i].Took.Seconds())
	}
	for _, l := range c.Lost {
		metrics.WriteCounterUint64(w, series("staleproof_store_losses_total", "pop", l.POP, "why", string(l.Why)), uint64(l.Count))
	}
}

// escaped is what a label value may not hold as it is.
var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// series is a metric with labels, which are names and values in turn.
func series(name string, labels ...string) string {
	var b strings.Builder
	b.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(labels[i] + `="` + escaped.Replace(labels[i+1]) + `"`)
	}
	b.WriteByte('}')
	return b.String()
}
