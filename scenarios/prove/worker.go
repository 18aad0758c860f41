package prove

import (
	"fmt"
	"math/bits"
	"net/http"
)

// A service worker with precache keeps all files of one release in a cache of its own,
// in the browser, and answers from it without a request. When a page is opened, the
// browser looks whether the script of the worker has changed; if so, the new worker
// fetches what its manifest lists and waits until no page of the old one is open.
// Whoever has one is always one visit behind (S3), and his views are of one release
// as long as what was installed is: so it matters what the network gave while the
// deploy was under way, and whether the worker compares it with hashes in the manifest.
//
// The model: he has been here before, so that the worker of release 1 is installed,
// whole. The script of a release comes and goes with its page: what asks for the script
// asks for the page's URL, and the page's bytes say of which release the script is.
// The manifest of a release is every URL that it binds. A file whose entry is as
// before is not fetched again. What a worker fetches goes past the browser's HTTP cache.

// maxManifest is how many URLs manifests may list, all together: a visitor keeps
// the files of two of them.
const maxManifest = maxKeys / 2

// errands of a visitor's browser, beside what a view asks for.
const (
	ofView   uint8 = iota // no errand: the view wants it
	checks                // for the script of the worker
	installs              // for a file of the release that is being installed
)

// precache is what manifests list.
type precache struct {
	script   Kind       // "": nobody has a worker; else who is the first that has
	main     int        // slot of the page whose bytes stand for the script
	slots    int        // URLs
	slot     []int8     // by request; -1: no manifest lists it
	manifest [][]bodyID // by release and slot; 0: not listed
	dangles  []bool     // by release: something refers to what no manifest lists
	refs     [][]reqID  // by slot: requests for it, one for each way of asking
	replies  []replyID  // by body
}

// HasWorker reports whether a visitor of a kind has a service worker.
func (k Kind) HasWorker() bool { return k == Worker || k == UncheckedWorker || k == SkipWaitingWorker }

// readWorkers reads the manifests of all releases.
func (m *model) readWorkers() error {
	c := &m.cached
	for _, k := range m.kinds {
		if k.worker {
			c.script = k.Kind
		}
	}
	if c.script == "" {
		return nil
	}
	c.manifest, c.dangles = make([][]bodyID, len(m.builds)+1), make([]bool, len(m.builds)+1)
	c.slot = make([]int8, len(m.reqs))
	for i := range c.slot {
		c.slot[i] = -1
	}
	for _, x := range m.bindings {
		if c.slot[x.req] < 0 {
			m.list(x.req)
		}
	}
	c.main = int(c.slot[m.pages[0]])
	if c.slots > maxManifest {
		return fmt.Errorf("a %s: manifests list %d URLs, the explorer takes %d", c.script, c.slots, maxManifest)
	}
	for b := range c.manifest {
		c.manifest[b] = make([]bodyID, c.slots)
	}
	for _, x := range m.bindings {
		c.manifest[x.build+1][c.slot[x.req]] = x.body
		for set := m.follow(x.req, x.body); set != 0; set &= set - 1 {
			to := bits.TrailingZeros64(set)
			c.dangles[x.build+1] = c.dangles[x.build+1] || c.slot[to] < 0
		}
	}
	for i, k := range m.kinds {
		if k.worker {
			m.kinds[i].keeps = 2 * c.slots
		}
	}
	return m.checkScripts()
}

// list gives the URL of a request a slot.
func (m *model) list(id reqID) {
	c := &m.cached
	var all []reqID
	for other := range m.reqs {
		if m.url(reqID(other)) == m.url(id) {
			c.slot[other] = int8(c.slots)
			all = append(all, reqID(other))
		}
	}
	c.refs = append(c.refs, all)
	c.slots++
}

// checkScripts reports releases that a browser cannot tell apart.
func (m *model) checkScripts() error {
	c := &m.cached
	main, url := c.main, m.url(c.refs[c.main][0])
	for b := 1; b < len(c.manifest); b++ {
		for before := 1; before <= b; before++ {
			switch is := c.manifest[b][main]; {
			case is == 0:
				return fmt.Errorf("a %s: build %d does not have the page %s, whose bytes stand for its script", c.script, b, url)
			case before < b && is == c.manifest[before][main]:
				return fmt.Errorf("a %s: the page %s of builds %d and %d is the same bytes, and stands for the worker's script, so no browser would see that there is a new one: give pages a mark of their release", c.script, url, before, b)
			}
		}
	}
	return nil
}

// firstInstalled gives a visitor the worker of release 1.
func (m *model) firstInstalled(v *visitor) {
	v.script = 1
	for slot, b := range m.cached.manifest[1] {
		v.private[slot] = storedID(b)
	}
}

// missing are the slots of the release that is being installed that are not there yet.
func (m *model) missing(v *visitor) (set uint32) {
	if v.next == 0 {
		return 0
	}
	for slot, b := range m.cached.manifest[v.next] {
		if b != 0 && v.private[m.cached.slots+slot] == 0 {
			set |= 1 << slot
		}
	}
	return set
}

// errands appends what a visitor's browser may do for his worker.
func (m *model) errands(list []move, v *visitor, i int) []move {
	if v.waits {
		return list
	}
	missing := m.missing(v)
	if v.check && missing == 0 { // it is one after the other
		list = append(list, newMove(doCheck, i, int(m.asks(v, m.cached.main)), 0))
	}
	for ; missing != 0; missing &= missing - 1 {
		list = append(list, newMove(doPrecache, i, int(m.asks(v, bits.TrailingZeros32(missing))), 0))
	}
	return list
}

// asks is the request of a visitor for a slot.
func (m *model) asks(v *visitor, slot int) reqID {
	for _, id := range m.cached.refs[slot] {
		if m.taken[id] == m.kinds[v.kind].takes {
			return id
		}
	}
	return m.cached.refs[slot][0]
}

// beginControlled is a worker at the beginning of a view: one that waits becomes
// active, since no page is open, and the browser will look for a newer one.
func (m *model) beginControlled(v *visitor) {
	if v.next != 0 && m.missing(v) == 0 {
		m.activate(v)
	}
	v.check = true
	if v.left == 0 && m.kinds[v.kind].Kind != SkipWaitingWorker { // who would be shown it?
		v.check = false
		m.giveUp(v)
	}
}

func (m *model) activate(v *visitor) {
	n := m.cached.slots
	copy(v.private[:n], v.private[n:2*n])
	v.script = v.next
	m.giveUp(v)
}

// giveUp forgets the worker that is being installed, or waits.
func (m *model) giveUp(v *visitor) {
	v.next = 0
	clear(v.private[m.cached.slots : 2*m.cached.slots])
}

// precached is what a visitor's worker answers a request with, if it has it.
func (m *model) precached(v *visitor, want reqID) (replyID, bool) {
	if !m.kinds[v.kind].worker || int(want) >= len(m.cached.slot) || m.cached.slot[want] < 0 || v.private[m.cached.slot[want]] == 0 {
		return 0, false
	}
	b := bodyID(v.private[m.cached.slot[want]])
	for int(b) >= len(m.cached.replies) {
		m.cached.replies = append(m.cached.replies, 0)
	}
	if m.cached.replies[b] == 0 {
		m.cached.replies[b] = m.internReply(http.StatusOK, http.Header{}, b)
	}
	return m.cached.replies[b], true
}

// harmless reports whether what a view has still to ask for is all with its worker, as
// its release has it: there is nothing to be seen, and nobody else is asked.
func (m *model) harmless(v *visitor) bool {
	if m.noReduction || m.kinds[v.kind].Kind == SkipWaitingWorker || m.cached.dangles[v.script] || v.doc&(1<<(v.script-1)) == 0 {
		return false
	}
	for slot, b := range m.cached.manifest[v.script] {
		if bodyID(v.private[slot]) != b {
			return false
		}
	}
	return true
}

// ran is a visitor's browser with the answer to an errand. It returns what became of it.
func (m *model) ran(v *visitor, want reqID, rep replyID) string {
	errand := v.errand
	v.errand = ofView
	r := &m.replies[rep]
	b := &m.bodies[r.body]
	if r.status != http.StatusOK || m.unreadable(want, r) {
		if errand == installs {
			m.giveUp(v)
			return WorkerRefused
		}
		return WorkerKept
	}
	if errand == checks {
		if b.builds == 0 || !b.page {
			return WorkerKept
		}
		return m.update(v, uint8(lowest(b.builds)))
	}
	slot := int(m.cached.slot[want])
	if m.kinds[v.kind].Kind == Worker && !m.hook.trustInstalls && r.body != m.cached.manifest[v.next][slot] {
		m.giveUp(v)
		return WorkerRefused
	}
	v.private[m.cached.slots+slot] = storedID(r.body)
	return m.progress(v)
}

// update begins the installation of a release, unless it is what the newest worker has.
func (m *model) update(v *visitor, release uint8) string {
	if release == v.next || v.next == 0 && release == v.script {
		return WorkerKept
	}
	m.giveUp(v)
	v.next = release
	for slot, b := range m.cached.manifest[release] {
		if b != 0 && b == m.cached.manifest[v.script][slot] {
			v.private[m.cached.slots+slot] = v.private[slot]
		}
	}
	return m.progress(v)
}

// progress is how far an installation is.
func (m *model) progress(v *visitor) string {
	switch {
	case m.missing(v) != 0:
		return WorkerInstalls
	case m.kinds[v.kind].Kind == SkipWaitingWorker:
		m.activate(v)
		return WorkerActive
	}
	return WorkerWaits
}

// idle forgets of a worker what nobody will be shown.
func (v *visitor) idle() {
	v.check, v.script, v.next = false, 0, 0
}

// readKept says how much of [visitor].private counts for each kind.
func (m *model) readKept() error {
	for i := range m.kinds {
		if m.kinds[i].private {
			m.kinds[i].keeps = len(m.browser.keys)
		}
	}
	return m.readWorkers()
}
