package cachepolicy

import (
	"net/http"
	"strings"
	"time"
)

// Action is what to do with a viewer request.
type Action uint8

const (
	Serve               Action = iota // answer from the store
	ServeThenRevalidate               // answer from the store, refresh behind as PlanRefresh says
	Revalidate                        // ask the origin whether the stored response still holds
	Fetch                             // ask the origin
	Pass                              // ask the origin; the cache takes no part
)

var actions = [...]string{"serve", "serve, then revalidate", "revalidate", "fetch", "pass"}

// String is the action in words, as explanations have it.
func (a Action) String() string { return actions[a] }

// Plan is the answer to the first question: may I answer from the store?
type Plan struct {
	Action Action
	// Stored is the response to serve or revalidate, and with Fetch what may
	// still answer if the origin fails. Nil when there is none.
	Stored *Stored
	Age    time.Duration // to send with Stored
	Why    Reason
	// Collapse: who asks for the same key meanwhile waits for this answer.
	// [COLL-01], [COLL-03], [COLL-04]
	Collapse bool
}

// Plan decides what to do with r at now, where s is what is stored for its key
// and no invalidation covers, or nil.
func (t *Terms) Plan(r *Request, s *Stored, now time.Time) Plan {
	switch {
	case !t.cached(r.Method):
		return Plan{Action: Pass, Why: MethodNotCached}
	case t.Policy.Disabled():
		return Plan{Action: Pass, Why: CachingDisabled}
	}
	collapse := !t.CookiesForwarded()
	switch {
	case s == nil:
		return Plan{Action: Fetch, Why: NotStored, Collapse: collapse}
	case s.Head && r.Method != http.MethodHead:
		return Plan{Action: Fetch, Why: OnlyHeadStored, Collapse: collapse}
	case s.Part != "" && r.Header["Range"] == nil:
		return Plan{Action: Fetch, Why: NotStored, Collapse: collapse} // a part is not the whole [RNG-02]
	}
	pl := Plan{Stored: s, Age: s.Age(now), Collapse: collapse}
	switch {
	case t.Policy.MinTTL == 0 && varyStar(s.Header):
		pl.Action, pl.Why = Fetch, VaryStar // without conditions [VARY-01]
		return pl
	case s.Fresh(now):
		if t.Emulation.ViewerRevalidates && asksRevalidation(r.Header) {
			return t.renew(pl, ViewerAsked)
		}
		pl.Action, pl.Why = Serve, Fresh
		return pl
	case now.Before(s.QuietUntil) && t.kept(s, now):
		pl.Action, pl.Why = Serve, StaleQuiet
		return pl
	}
	if s.Status >= 400 {
		pl.Action, pl.Why = Fetch, Expired
		return pl
	}
	d := parseDirectives(s.Header)
	switch {
	case (d.noStore || d.private) && t.Policy.MinTTL == 0: // with a minimum it is revalidated [TTL-18]
		pl.Action, pl.Why = Fetch, NotReusable // kept for the origin's failure only
		return pl
	case d.uncacheable(): // never answered unasked [TTL-13]
	case t.within(s, d.swr.d, now):
		pl.Action, pl.Why = ServeThenRevalidate, StaleWhileRevalidate
		return pl
	}
	return t.renew(pl, Expired)
}

// renew asks the origin for the stored response again: conditionally when there
// is a validator and no cookie is forwarded. [COND-01], [COND-03], [COND-04]
func (t *Terms) renew(pl Plan, why Reason) Plan {
	etag, modified := pl.Stored.Validators()
	if etag == "" && modified == "" || t.CookiesForwarded() || pl.Stored.Status != http.StatusOK {
		if why == Expired {
			why = ExpiredUnchecked
		}
		pl.Action, pl.Why = Fetch, why
		return pl
	}
	pl.Action, pl.Why = Revalidate, why
	return pl
}

// within reports whether now lies in a window of stale use that begins when s
// expires, its last instant included [STALE-01], [STALE-05]. MaxTTL after storage
// it ends in any case [STALE-04], [STALE-08].
func (t *Terms) within(s *Stored, window time.Duration, now time.Time) bool {
	return window > 0 && now.Sub(s.Expires()) <= window && t.kept(s, now)
}

// kept reports whether a stale response is still available: MaxTTL after it was
// stored it is not. [STALE-12]
func (t *Terms) kept(s *Stored, now time.Time) bool {
	return now.Sub(s.Received) < max(t.Policy.MaxTTL, s.Lifetime)
}

func varyStar(h http.Header) bool {
	for _, line := range h["Vary"] {
		if strings.TrimSpace(line) == "*" {
			return true
		}
	}
	return false
}

func asksRevalidation(h http.Header) bool {
	d := parseDirectives(h)
	return d.noCache || d.maxAge.set && d.maxAge.d == 0 || strings.EqualFold(h.Get("Pragma"), "no-cache")
}

// PlanRefresh is how a response that is served stale is refreshed behind the
// viewer's back. [STALE-01]
func (t *Terms) PlanRefresh(s *Stored) Plan {
	return t.renew(Plan{Stored: s, Collapse: !t.CookiesForwarded()}, StaleWhileRevalidate)
}
