package cachepolicy

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// Reply is the head of what the origin said, or how it failed.
type Reply struct {
	// Status is the origin's, or when Err is set the one that stands for the
	// failure: 502 or 504. [ERR-29]
	Status              int
	Header              http.Header
	Err                 error     // the origin could not be reached or did not answer
	Requested, Received time.Time // in cache time
}

// Source says where the body of an answer comes from.
type Source uint8

const (
	FromReply Source = iota // the origin's reply
	FromStore               // the stored response
	Generated               // the edge makes it
)

// Outcome is the answer to the second question: what do I do with what the
// origin said?
type Outcome struct {
	Result Result
	Status int
	Header http.Header // for the viewer, before what is added per answer; not to be modified
	// Store is the head to keep once the body is whole; nil: keep nothing new.
	// With FromStore its body is the one already stored.
	Store *Stored
	// Share: viewers who wait may have it. If not, each goes to the origin
	// himself. [COLL-05]
	Share bool
	Body  Source
	Age   time.Duration // to send, when Body is FromStore and the result is a Hit
	Why   Reason
}

// Settle decides what becomes of the origin's reply to r, which was sent
// according to pl. Key, mark and tags of what is to be stored are filled in from
// the arguments: key and uri as [Terms.Key] and [Terms.AppendURI] made them, mark
// as it was before the origin was asked.
func (t *Terms) Settle(r *Request, pl Plan, reply Reply, key, uri string, mark uint64) Outcome {
	now := reply.Received
	failed := reply.Err != nil
	if failed || reply.Status >= 500 {
		if why, ok := t.staleOnFailure(pl.Stored, reply.Status, failed, now); ok {
			return t.settleStale(pl.Stored, reply.Status, why, now)
		}
	}
	if pl.Action == Revalidate && reply.Status == http.StatusNotModified && !failed {
		return t.settleNotModified(pl.Stored, reply, mark)
	}

	h := t.ViewerHeader(reply.Header)
	out := Outcome{Result: Miss, Status: reply.Status, Header: h, Body: FromReply, Why: pl.Why}
	if failed {
		out.Body, out.Why = Generated, OriginFailed
	}
	if reply.Status >= 400 {
		out.Result = Error // [ERR-22]
	}
	if pl.Action == Pass {
		return out
	}
	f := t.Freshness(reply.Status, reply.Header, now)
	d := parseDirectives(reply.Header)
	out.Share = pl.Collapse && t.share(reply.Status, h, f, &d)
	if !t.keeps(r, reply, f, &d) {
		return out
	}
	s := &Stored{
		Key: key, URI: uri, Tags: t.tags(reply.Header), Head: r.Method == http.MethodHead,
		Status: reply.Status, Header: h,
		Received: now, Freshness: f, OriginAge: t.originAge(reply.Header),
		Generated: failed, Mark: mark,
	}
	if isPart(r, reply) {
		s.Part = reply.Header.Get("Content-Range")
	}
	if d.noCacheSetCookie && h["Set-Cookie"] != nil { // [CK-10]
		s.Header = maps.Clone(h)
		s.Header.Del("Set-Cookie")
	}
	out.Store = s
	return out
}

// keeps reports whether a reply is kept at all: because it will be fresh for a
// while, because it can be revalidated, or because it may still answer when the
// origin fails. [STALE-11], [STALE-14]
func (t *Terms) keeps(r *Request, reply Reply, f Freshness, d *directives) bool {
	switch {
	case reply.Status == http.StatusPartialContent && r.Header["Range"] != nil && !isPart(r, reply):
		return false // several parts in one body; a single 206 that nobody asked for is the whole (unknown 11)
	case r.Method == http.MethodHead && t.Emulation.HeadMissNotStored:
		return false
	case f.Lifetime > 0:
		return true
	case reply.Status >= 400, f.Rule == RuleInterim, f.Rule == RuleRedirect, f.Rule == RuleDisabled, t.Policy.MaxTTL == 0:
		return false
	case d.noStore || d.private:
		return !t.Emulation.UncacheableNotStale
	}
	return true
}

// isPart reports whether the reply is the one range that r asked for: it is kept
// beside the whole and never in its place. [RNG-02]
func isPart(r *Request, reply Reply) bool {
	return reply.Status == http.StatusPartialContent && r.Method == http.MethodGet && r.Header["Range"] != nil &&
		reply.Header.Get("Content-Range") != ""
}

// share reports whether viewers who wait may have the answer.
func (t *Terms) share(status int, h http.Header, f Freshness, d *directives) bool {
	switch {
	case status >= 400:
		return f.Lifetime > 0 // [COLL-07]
	case t.Policy.MinTTL > 0:
		return true // [COLL-06]
	case varyStar(h):
		return false // [VARY-01]
	}
	asked := d.asked()
	return !d.uncacheable() && !(asked.set && asked.d == 0) // [COLL-05]
}

// staleOnFailure reports whether s may answer when the origin failed at now.
func (t *Terms) staleOnFailure(s *Stored, status int, failed bool, now time.Time) (Reason, bool) {
	if s == nil || s.Status >= 400 || !t.kept(s, now) {
		return "", false
	}
	if s.Fresh(now) { // asked only because the viewer wanted it [TTL-28]
		return Fresh, true
	}
	d := parseDirectives(s.Header)
	switch {
	case d.uncacheable() && t.Policy.MinTTL == 0 && t.Emulation.UncacheableNotStale:
		return "", false // [STALE-14]
	case d.mustRevalidate && t.Emulation.MustRevalidateForbidsStale:
		return "", false
	case !d.sie.set:
		return StaleOnFailure, true // [STALE-11]
	case !t.within(s, d.sie.d, now):
		return "", false // [STALE-08], [STALE-13]
	case !failed && t.Emulation.StaleIfErrorFourOnly && status != 500 && status != 502 && status != 503 && status != 504:
		return "", false
	}
	return StaleIfError, true // [STALE-05]
}

// settleStale answers with s because the origin failed. Without stale-if-error
// the origin is left alone for the error caching minimum TTL [STALE-11]; with it
// each request asks again [STALE-15].
func (t *Terms) settleStale(s *Stored, status int, why Reason, now time.Time) Outcome {
	out := Outcome{
		Result: Hit, Status: s.Status, Header: s.Header, Body: FromStore, Age: s.Age(now), Share: true, Why: why,
	}
	if quiet := t.errorTTL(status); (why == StaleOnFailure || why == StaleIfError && t.Emulation.StaleIfErrorQuiet) && quiet > 0 {
		kept := *s
		kept.QuietUntil = now.Add(quiet)
		out.Store = &kept
	}
	return out
}

// settleNotModified refreshes s with the header of a 304 (RFC 9111 §3.2). The new
// lifetime counts from its reception, and so do Age and Date. [COND-02],
// [COND-05], [XC-07]
func (t *Terms) settleNotModified(s *Stored, reply Reply, mark uint64) Outcome {
	merged := maps.Clone(s.Header)
	delete(merged, "Age")
	merged["Date"] = []string{reply.Received.UTC().Format(http.TimeFormat)} // unless the 304 has its own
	for name, values := range t.ViewerHeader(reply.Header) {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Range", "Content-Md5", "Etag": // of the body, which stays
			if merged[name] != nil {
				continue
			}
		}
		merged[name] = values
	}
	if variesByEncoding(s.Header) {
		AddVaryEncoding(merged)
	}
	fresh := *s
	fresh.Header = merged
	fresh.Received = reply.Received
	fresh.Freshness = t.Freshness(s.Status, merged, reply.Received)
	fresh.QuietUntil = time.Time{}
	fresh.OriginAge = t.originAge(reply.Header)
	fresh.Tags = t.tags(merged)
	fresh.Mark = mark
	d := parseDirectives(merged)
	return Outcome{
		Result: RefreshHit, Status: s.Status, Header: merged, Store: &fresh,
		Share: t.share(s.Status, merged, fresh.Freshness, &d), Body: FromStore, Why: Revalidated,
	}
}

// maxTags is how many tags of a response are kept. [INV-31]
const maxTags = 50

// tags are the cache tags in the header that holds them, in lower case. [INV-29],
// [INV-31]
func (t *Terms) tags(h http.Header) []string {
	if t.TagHeader == "" {
		return nil
	}
	var tags []string
	for _, line := range h[http.CanonicalHeaderKey(t.TagHeader)] {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimSpace(tag)
			if tag != "" && len(tag) <= 256 && len(tags) < maxTags && strings.IndexFunc(tag, notPrintable) < 0 {
				tags = append(tags, strings.ToLower(tag))
			}
		}
	}
	return tags
}
