package prove

// A browser that goes back, or forward, shows the document as it was left, with all
// its state and without a request, whatever its Cache-Control says: no-cache is no
// reason to ask, and Chrome restores pages with no-store, too. The view goes on, so
// it is as transient as an old tab; but it is shown again, so that its page may be
// too old (S3). That it is older than what came between is what the visitor asked
// for, so S4 does not look at it.

// restore lets a visitor come back to the page that he left.
func (m *model) restore(w *World, i int, e *effect) {
	v := &w.visitors[i]
	v.left = 0
	f := found(0)
	if m.nodes[w.node].finished && !m.flying(w) {
		m.judgeRestored(int(w.node), v.seen, &f)
	}
	e.found |= f
	e.tale.restored(v.seen)
	m.forget(v)
}

// judgeRestored is what is wrong with a document of some builds that is shown again
// when the deploy has ended.
func (m *model) judgeRestored(n int, doc uint8, f *found) {
	if final := m.nodes[n].final; final != 0 && doc&final == 0 {
		f.add(stalePage, true)
	}
}

// comeBack lets those come back whose view began before the deploy.
func (x *fixpoint) comeBack(y *may) {
	for _, f := range y.views {
		if y.settled && f.doc != 0 && x.m.kinds[f.kind].Kind == BackButton {
			x.m.judgeRestored(y.node, f.doc, &x.found)
		}
	}
}
