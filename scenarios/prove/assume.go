package prove

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// claims are A1 to A10 in words.
var claims = [...]string{
	"one URL, one byte string, for ever, on every server",
	"a server that lacks a version answers an error, never other bytes",
	"cache keys tell URLs apart that mean different bytes",
	"validators differ when bytes differ",
	"every reference, nested ones too, uses a versioned URL of the same build",
	"assets are on every server before any page that refers to them",
	"assets can be had as long as a page that refers to them may be shown",
	"pages become fresh: not cached, or invalidated after the switch, and nothing older stored after that",
	"errors on asset paths are not cached",
	"files appear whole",
}

// assumptions evaluates A1 to A10 for the deploy. may is what the fixpoint does
// not exclude.
func (m *model) assumptions(may found) []Assumption {
	checks := [...]func() (Truth, string){
		m.oneURLOneBody, m.lackingIsError, m.keysInjective, m.validatorsDiffer, m.closed,
		m.publishedFirst, m.retained, func() (Truth, string) { return m.pagesFresh(may) }, m.errorsUncached, m.wholeFiles,
	}
	var out []Assumption
	for i, check := range checks {
		holds, by := check()
		out = append(out, Assumption{ID: fmt.Sprintf("A%d", i+1), Claim: claims[i], Holds: holds, By: by})
	}
	return out
}

// bound is the bytes that builds bind an asset's request to.
func (m *model) bound(id reqID) []bodyID {
	var out []bodyID
	for _, x := range m.bindings {
		if x.req == id && !m.isPageReq(id) && !slices.Contains(out, x.body) {
			out = append(out, x.body)
		}
	}
	return out
}

func (m *model) oneURLOneBody() (Truth, string) {
	for id := range m.reqs {
		if b := m.bound(reqID(id)); len(b) > 1 {
			return Broken, fmt.Sprintf("%s means %s", m.asked(reqID(id)), m.describeBodies(b))
		}
	}
	return Holds, ""
}

func (m *model) describeBodies(list []bodyID) string {
	var out []string
	for _, b := range list {
		out = append(out, m.describeBody(b))
	}
	return strings.Join(out, " and ")
}

func (m *model) describeBody(b bodyID) string {
	x := &m.bodies[b]
	if x.builds == 0 {
		return x.name + " bytes"
	}
	var numbers []string
	for _, n := range builds(x.builds) {
		numbers = append(numbers, fmt.Sprint(n))
	}
	return "bytes of build " + strings.Join(numbers, ", ")
}

// stage names a node by the step done last, by number.
func (m *model) stage(n int) string {
	nd := &m.nodes[n]
	if nd.done == 0 {
		return "before the deploy"
	}
	var last string
	for i, s := range m.deploy.Mode.Steps {
		if nd.done&(1<<i) != 0 {
			last = s.Name
		}
	}
	return "after " + last
}

func (m *model) lackingIsError() (Truth, string) {
	for id := range m.reqs {
		want := m.bound(reqID(id))
		if len(want) == 0 {
			continue
		}
		for n := range m.nodes {
			for s := range m.servers() {
				r := &m.replies[m.originReply(n, s, m.atOrigin(reqID(id)))]
				if r.status == 200 && r.body != m.torn && !slices.Contains(want, r.body) {
					return Broken, fmt.Sprintf("%s answers %s with %s %s", serverName(s), m.asked(reqID(id)), m.describeBody(r.body), m.stage(n))
				}
			}
		}
	}
	return Holds, ""
}

func (m *model) keysInjective() (Truth, string) {
	for t, spec := range m.tiers {
		for a := range m.reqs {
			for b := range a {
				if spec.rules.key[m.atTier(t, reqID(a))] != spec.rules.key[m.atTier(t, reqID(b))] {
					continue
				}
				if coding := m.mixes(t, reqID(a), reqID(b)); coding != "" {
					return Broken, fmt.Sprintf("%s has one key in %s, whatever is taken, and %s for some", m.url(reqID(a)), spec.name, coding)
				}
				x, y := m.bound(reqID(a)), m.bound(reqID(b))
				if len(x) > 0 && len(y) > 0 && !slices.Equal(x, y) {
					return Broken, fmt.Sprintf("%s and %s have one key in %s", m.url(reqID(b)), m.url(reqID(a)), spec.name)
				}
			}
		}
	}
	return Holds, ""
}

func (m *model) validatorsDiffer() (Truth, string) {
	for id := range m.reqs {
		tags := map[string]bodyID{}
		for n := range m.nodes {
			for s := range m.servers() {
				r := &m.replies[m.originReply(n, s, reqID(id))]
				if r.status != 200 || r.etag == "" {
					continue
				}
				if b, ok := tags[r.etag]; ok && b != r.body {
					return Broken, fmt.Sprintf("%s has the validator %s for different bytes", m.url(reqID(id)), r.etag)
				}
				tags[r.etag] = r.body
			}
		}
	}
	return Holds, ""
}

func (m *model) closed() (Truth, string) {
	for _, x := range m.bindings {
		for to := range m.reqs {
			if m.follow(x.req, x.body)&(1<<to) == 0 || m.isPageReq(reqID(to)) {
				continue
			}
			if len(m.bound(reqID(to))) > 1 {
				return Broken, fmt.Sprintf("%s in %s of build %d is the same in another build, with other bytes", m.url(reqID(to)), m.bodies[x.body].name, x.build+1)
			}
			if !slices.ContainsFunc(m.bindings, func(y binding) bool { return y.req == reqID(to) && y.build == x.build }) {
				return Broken, fmt.Sprintf("%s in %s is not in build %d", m.url(reqID(to)), m.bodies[x.body].name, x.build+1)
			}
		}
	}
	return Holds, ""
}

func (m *model) publishedFirst() (Truth, string) {
	for n := range m.nodes {
		for _, x := range m.bindings {
			if m.isPageReq(x.req) || m.nodes[n].live&(1<<x.build) == 0 || m.nodes[0].live&(1<<x.build) != 0 {
				continue
			}
			for s := range m.servers() {
				if r := &m.replies[m.originReply(n, s, m.atOrigin(x.req))]; r.status != 200 || r.body != x.body {
					return Broken, fmt.Sprintf("%s does not have %s of build %d %s", serverName(s), m.asked(x.req), x.build+1, m.stage(n))
				}
			}
		}
	}
	return Holds, ""
}

func (m *model) retained() (Truth, string) {
	for n := range m.nodes {
		for _, x := range m.bindings {
			if m.isPageReq(x.req) || !m.lostAt(n, x.req) {
				continue
			}
			if w := m.waitedBefore(n); w > 0 {
				return Undecided, fmt.Sprintf("%s is gone %s, %v after a page of build %d was last given by a server; enough only if no page is kept or open for longer", m.url(x.req), m.stage(n), w, x.build+1)
			}
			return Broken, fmt.Sprintf("%s is gone %s, and a page of build %d may still be shown", m.url(x.req), m.stage(n), x.build+1)
		}
	}
	return Holds, ""
}

// waitedBefore is how long the deploy has waited when it comes to node n.
func (m *model) waitedBefore(n int) (d time.Duration) {
	for i := range m.deploy.Mode.Steps {
		if m.nodes[n].done&(1<<i) != 0 {
			d += waitOf(&m.deploy.Mode.Steps[i])
		}
	}
	return d
}

func (m *model) pagesFresh(may found) (Truth, string) {
	if !may.has(stalePage + 1) {
		return Holds, ""
	}
	for t, spec := range m.tiers {
		p := m.atTier(t, m.pages[0])
		out := spec.rules.settle(p, spec.rules.plan(p, 0), m.originReply(0, 0, m.atOrigin(m.pages[0])))
		if out.store == 0 || m.stored[out.store].Lifetime == 0 {
			continue
		}
		why := "and not invalidated after the switch"
		if len(m.invs) > 0 {
			why = "and a fill that began before the invalidation may be stored after it"
			if !spec.rules.keepsLate(p) {
				why = "and not invalidated after the switch in every tier, those near the servers first"
			}
		}
		return Broken, fmt.Sprintf("pages are kept for %v in %s (%s), %s", m.stored[out.store].Lifetime, spec.name, m.stored[out.store].Rule, why)
	}
	if m.outages() > 0 {
		return Broken, "a page that has expired may be given while a server does not work"
	}
	if m.cached.slots > 0 {
		return Broken, "a service worker answers with the page of the release that it has installed"
	}
	if slices.ContainsFunc(m.kinds, func(k kindSpec) bool { return k.Kind == BackButton }) {
		return Broken, "a browser that goes back restores the page that was left, whatever its headers say"
	}
	return Broken, "an old page may be shown after the deploy"
}

func (m *model) errorsUncached() (Truth, string) {
	if m.deploy.CDN.Origin.Fallback {
		return Broken, "a missing file is answered with the page, status 200"
	}
	failures := []replyID{m.missingReply()}
	if m.outages() > 0 { // what outages make of it comes first: they were asked for
		failures = []replyID{m.failing(), m.missingReply()}
	}
	for _, spec := range m.tiers {
		for id := range m.reqs {
			if m.isPageReq(reqID(id)) {
				continue
			}
			for _, rep := range failures {
				out := spec.rules.settle(reqID(id), spec.rules.plan(reqID(id), 0), rep)
				if out.store != 0 && m.stored[out.store].Lifetime > 0 {
					return Broken, fmt.Sprintf("a %d is kept for %v in %s", m.replies[rep].status, m.stored[out.store].Lifetime, spec.name)
				}
			}
		}
	}
	return Holds, ""
}

func (m *model) wholeFiles() (Truth, string) {
	for _, s := range m.deploy.Mode.Steps {
		if s.Do == Tear {
			return Broken, "step " + s.Name + " leaves half-written files"
		}
	}
	return Holds, ""
}
