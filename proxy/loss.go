package proxy

import (
	"strings"

	"staleproof/proxy/store"
)

// lost counts and tells of a response that memory could not keep: evicted to make
// room, or refused. What is behind memory may still have it. It is called in the
// middle of a Set and does not use the store. [COND-09]
func (e *Edge) lost(r *store.Response, why store.Loss) {
	e.tallies.lost(why)
	if !e.watched() {
		return
	}
	ev := Event{
		At: e.config.Now(), Kind: Lost, POP: e.config.POP, Key: r.Stored.Key, Status: r.Stored.Status, Bytes: r.Stored.BodyBytes, Detail: string(why),
	}
	scope, _, _ := strings.Cut(strings.TrimPrefix(r.Stored.Key, "OPTIONS "), " ")
	for _, d := range e.Distributions() {
		if d.Domain == scope {
			ev.Distribution, ev.URL = d.ID, d.Domain+r.Stored.URI
		}
	}
	e.tell(ev)
}
