package prove

// violation numbers a property with a class and stickiness, so that a set of
// them is a bit set.
type violation uint8

const (
	staleView violation = 2 * iota // and one more: sticky
	aheadView
	missingView
	tornView
	mixedView
	poisonedKey
	stalePage
	flipped
	lostFile
	noViolation
)

// kindsOf says what each violation is, transient ones; sticky is odd.
var kindsOf = [...]struct {
	property Property
	class    Class
}{
	staleView / 2: {ViewConsistency, Stale}, aheadView / 2: {ViewConsistency, Ahead},
	missingView / 2: {ViewConsistency, Missing}, tornView / 2: {ViewConsistency, Torn},
	mixedView / 2: {OneBuild, Mixed}, poisonedKey / 2: {Binding, Poison},
	stalePage / 2: {Freshness, StalePage}, flipped / 2: {Monotone, Flip}, lostFile / 2: {Retention, Missing},
}

func (v violation) property() Property { return kindsOf[v/2].property }
func (v violation) class() Class       { return kindsOf[v/2].class }
func (v violation) sticky() bool       { return v&1 == 1 }

// flips are the violations that only one who comes twice can see.
const flips = found(3 << flipped)

// found is a set of violations.
type found uint32

func (f *found) add(v violation, sticky bool) {
	if sticky {
		v++
	}
	*f |= 1 << v
}

func (f found) has(v violation) bool { return f&(1<<v) != 0 }

// judgePage is what is wrong with a document that a visitor is given, and the
// builds it belongs to.
func (m *model) judgePage(n int, want reqID, v *visitor, rep replyID, f *found) uint8 {
	r := &m.replies[rep]
	b := &m.bodies[r.body]
	switch {
	case r.status != 200:
		f.add(missingView, v.after)
		return 0
	case b.builds == 0 || m.unreadable(want, r):
		f.add(tornView, v.after)
		return 0
	}
	nd := &m.nodes[n]
	if v.after && nd.final != 0 && b.builds&nd.final == 0 {
		f.add(stalePage, true)
	}
	if v.seen != 0 && highest(b.builds) < lowest(v.seen) && !nd.back {
		f.add(flipped, v.after)
	}
	return b.builds
}

// judgeAsset is what is wrong with an asset that a view is given; doc and all are
// narrowed to the builds that still explain the view, with its document and
// without.
func (m *model) judgeAsset(n int, want reqID, after bool, rep replyID, doc, all *uint8, f *found) {
	r := &m.replies[rep]
	b := &m.bodies[r.body]
	switch {
	case r.status != 200 || b.page:
		f.add(missingView, after)
		if m.lostAt(n, want) {
			f.add(lostFile, after)
		}
		return
	case b.builds == 0 || m.unreadable(want, r):
		f.add(tornView, after)
		return
	}
	switch {
	case b.builds&*doc != 0:
		*doc &= b.builds
	case lowest(b.builds) > highest(*doc):
		f.add(aheadView, after)
	default:
		f.add(staleView, after)
	}
	*all &= b.builds
	if *all == 0 {
		f.add(mixedView, after)
	}
}

// lostAt is lost, remembered.
func (m *model) lostAt(n int, id reqID) bool {
	at := n*maxRequests + int(id)
	for at >= len(m.lostMemo) {
		m.lostMemo = append(m.lostMemo, make([]int8, maxRequests)...)
	}
	if m.lostMemo[at] == 0 {
		m.lostMemo[at] = 1
		if m.lost(n, id) {
			m.lostMemo[at] = 2
		}
	}
	return m.lostMemo[at] == 2
}
