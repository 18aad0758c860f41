package prove

import "staleproof/cachepolicy"

// tale notes what happens during one move, for a trace. A nil tale notes
// nothing.
type tale struct {
	event Event
}

func (t *tale) origin(server int)                          {}
func (t *tale) served(by string, why cachepolicy.Reason)   {}
func (t *tale) missed(tier string, why cachepolicy.Reason) {}
func (t *tale) joined(tier string)                         {}
func (t *tale) landed(m *model, tier int, a action)        {}
func (t *tale) flight(m *model, tier int, f *flight)       {}
func (t *tale) poison(m *model, tier, key int)             {}
func (t *tale) received(m *model, visitor int, want reqID, rep replyID, view uint8, after bool, f found) {
}
