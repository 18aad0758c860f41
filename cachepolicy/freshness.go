package cachepolicy

import (
	"net/http"
	"time"
)

// Rule names what decided a freshness lifetime.
type Rule string

const (
	RuleDefault     Rule = "no age from the origin: default TTL"          // [TTL-03]
	RuleMaxAge      Rule = "Cache-Control: max-age"                       // [TTL-01]
	RuleSMaxAge     Rule = "Cache-Control: s-maxage"                      // [TTL-05]
	RuleExpires     Rule = "Expires"                                      // [TTL-09]
	RuleUncacheable Rule = "Cache-Control: no-cache, no-store or private" // [TTL-13]
	RuleMinimum     Rule = "minimum TTL overrides the origin"             // [TTL-16]
	RuleMaximum     Rule = "maximum TTL cuts the origin's age"            // [TTL-01]
	RuleDisabled    Rule = "caching is disabled: all TTLs are zero"       // [TTL-20]
	RuleRedirect    Rule = "307 and 308 need Cache-Control to be cached"  // [ERR-27]
	RuleError       Rule = "error caching minimum TTL"                    // [ERR-04]
	RuleErrorAge    Rule = "age of the error response"                    // [ERR-06]
	RuleErrorPassed Rule = "this status is not cached"                    // [ERR-28]
	RuleErrorNoAge  Rule = "this status is cached only with an age"       // [ERR-02]
	RuleErrorRefuse Rule = "no-store, no-cache or private on this status" // [ERR-08]
	RuleInterim     Rule = "304 and 1xx are no answer of their own"
)

// Freshness is a freshness lifetime and how it came about.
type Freshness struct {
	Lifetime time.Duration // whole seconds from 0, bounds applied
	Rule     Rule          // what decided it
	Asked    time.Duration // what the origin asked for, before bounds, at most 100 years; 0 if it was silent
}

// Freshness is how long a response with this status and these origin headers,
// received at the given time, may be reused. An Expires is measured against the
// response's own Date when it has one, so that a moved clock does not spoil it.
func (t *Terms) Freshness(status int, h http.Header, received time.Time) Freshness {
	d := parseDirectives(h)
	p := &t.Policy
	switch {
	case p.Disabled():
		return Freshness{Rule: RuleDisabled}
	case status >= 400:
		return t.errorFreshness(status, &d, h, received)
	case status == http.StatusNotModified || status < 200:
		return Freshness{Rule: RuleInterim} // [COND-02]
	case (status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect) && !d.present:
		return Freshness{Rule: RuleRedirect}
	case d.uncacheable():
		if p.MinTTL > 0 { // whatever max-age says [TTL-17]
			return Freshness{Lifetime: p.MinTTL, Rule: RuleMinimum}
		}
		return Freshness{Rule: RuleUncacheable}
	}
	asked, rule, ok := t.asked(&d, h, received)
	if !ok {
		if d.present && t.Emulation.BareCacheControlMinimum {
			return Freshness{Lifetime: p.MinTTL, Rule: RuleMinimum}
		}
		return Freshness{Lifetime: max(p.MinTTL, p.DefaultTTL), Rule: RuleDefault}
	}
	f := Freshness{Lifetime: asked, Rule: rule, Asked: asked}
	if f.Lifetime > p.MaxTTL {
		f.Lifetime, f.Rule = p.MaxTTL, RuleMaximum
	}
	if f.Lifetime < p.MinTTL {
		f.Lifetime, f.Rule = p.MinTTL, RuleMinimum
	}
	return f
}

// asked is the age the origin asked for: s-maxage, max-age, then Expires.
func (t *Terms) asked(d *directives, h http.Header, received time.Time) (time.Duration, Rule, bool) {
	switch {
	case d.sMaxAge.set:
		return d.sMaxAge.d, RuleSMaxAge, true
	case d.maxAge.set:
		return d.maxAge.d, RuleMaxAge, true // Expires is ignored [TTL-11]
	}
	lines := h["Expires"]
	if len(lines) == 0 {
		return 0, "", false
	}
	expires, err := http.ParseTime(lines[0])
	if err != nil {
		return 0, RuleExpires, true // already expired: unknown 8
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		received = date
	}
	return max(0, expires.Sub(received)), RuleExpires, true
}

// errorFreshness is Freshness for a status of 400 or more. [ERR-01] to [ERR-13]
func (t *Terms) errorFreshness(status int, d *directives, h http.Header, received time.Time) Freshness {
	asked, _, aged := t.asked(d, h, received)
	minimum := t.errorTTL(status)
	switch status {
	case 404, 414, 501, 500, 502, 503, 504:
	case 410:
		if !t.Emulation.GoneCached && !d.asked().set {
			return Freshness{Rule: RuleErrorNoAge}
		}
	case 400, 403, 405, 412, 415:
		if !d.asked().set && !t.Emulation.ErrorsCachedWithoutHeaders {
			return Freshness{Rule: RuleErrorNoAge}
		}
	default: // 416 too [ERR-10]
		return Freshness{Rule: RuleErrorPassed}
	}
	switch status {
	case 404, 410, 414, 501:
		if d.uncacheable() && !t.Emulation.ErrorDirectivesIgnored {
			return Freshness{Rule: RuleErrorRefuse}
		}
	}
	f := Freshness{Lifetime: minimum, Rule: RuleError}
	if aged {
		f.Asked = asked
		if cut := min(asked, t.Policy.MaxTTL); cut > minimum { // [ERR-07]
			f.Lifetime, f.Rule = cut, RuleErrorAge
		}
	}
	return f
}
