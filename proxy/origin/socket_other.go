//go:build !linux

package origin

// socket is nothing: every link is used the plain way.
type socket struct{}

func (l *link) openSocket() {}

func (l *link) isSocket() bool { return false }

func (l *link) askSocket([]byte) error { panic("origin: no socket") }
