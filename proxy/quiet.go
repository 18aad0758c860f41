package proxy

// Quiet waits until nothing is under way at the edge: no flight, no refresh
// behind a viewer's back. It is for who plays viewer and origin alike, and asks
// nothing meanwhile; the edge stays usable.
func (e *Edge) Quiet() { e.background.Wait() }
