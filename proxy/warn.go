package proxy

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync"

	"staleproof/cachepolicy"
	"staleproof/proxy/store"
)

// warnings remembers what has been said, so that each hazard is said once for each
// key. It remembers maxWarned of them and then begins anew.
type warnings struct {
	mu   sync.Mutex
	said map[string]bool // guarded by mu
}

const maxWarned = 4096

// first reports whether this has not been said before.
func (w *warnings) first(key, text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said == nil || len(w.said) >= maxWarned {
		w.said = map[string]bool{}
	}
	id := key + "\x00" + text
	if w.said[id] {
		return false
	}
	w.said[id] = true
	return true
}

// warn says what is dangerous about keeping the reply, if anybody listens.
func (x *exchange) warn(reply cachepolicy.Reply, out cachepolicy.Outcome) {
	if !x.heeded() {
		return
	}
	for _, h := range x.rule.Terms.Hazards(&x.req, reply, out) {
		x.say(h)
	}
}

// heeded reports whether anybody listens to warnings. The tier in front says them.
func (x *exchange) heeded() bool {
	return !x.inner && (x.edge.watched() || x.edge.config.Warn != nil)
}

func (x *exchange) say(h cachepolicy.Hazard) {
	if !x.edge.warnings.first(x.key, h.Text) {
		return
	}
	ev := x.event(Event{Kind: Warned, Row: h.Row, Detail: h.Text})
	x.edge.tell(ev)
	if x.edge.config.Warn != nil {
		x.edge.config.Warn(ev)
	}
}

// maxEchoBytes is how long a body may be to be searched for what it repeats.
const maxEchoBytes = 64 << 10

// warnEcho says when a stored body repeats something of the request that is not in
// its key. It looks at short texts only.
func (x *exchange) warnEcho(head *cachepolicy.Stored, body store.Body) {
	b := body.Bytes()
	if !x.heeded() || head.Lifetime == 0 || len(b) == 0 || len(b) > maxEchoBytes || head.Header["Content-Encoding"] != nil {
		return
	}
	if t := head.Header.Get("Content-Type"); !strings.HasPrefix(t, "text/") && !strings.Contains(t, "json") {
		return
	}
	unkeyed := x.rule.Terms.Unkeyed(&x.req)
	for _, name := range slices.Sorted(maps.Keys(unkeyed)) {
		if bytes.Contains(b, []byte(unkeyed[name])) {
			x.say(cachepolicy.Hazard{Row: "QS-11", Text: "the body repeats " + name + ", which is not in the cache key: it is kept for everybody"})
		}
	}
}
