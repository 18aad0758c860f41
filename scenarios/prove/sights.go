package prove

import "fmt"

// sights counts what was met on the way, so that a verdict can say whether there
// was anything to see.
type sights struct {
	hits, misses, joins, stores, late, drops, evictions, advances int
	last                                                          bool // the deploy's last step was reached
	vain                                                          int  // flights that ended, whose answer was not for those who joined
}

func (s *sights) hit()  { s.hits++ }
func (s *sights) miss() { s.misses++ }
func (s *sights) join() { s.joins++ }

func (s *sights) land(a action) {
	if a.store != 0 {
		s.stores++
	}
	if a.late {
		s.late++
	}
	if a.drop {
		s.drops++
	}
}

func (s *sights) String() string {
	last := "not reached"
	if s.last {
		last = "reached"
	}
	return fmt.Sprintf("hits %d, misses %d, joined %d, stored %d, landed after an invalidation %d, late fills dropped %d, evictions %d, advances %d, last step %s",
		s.hits, s.misses, s.joins, s.stores, s.late, s.drops, s.evictions, s.advances, last)
}

func (s *sights) move(mv move) {
	switch mv.kind() {
	case doEvict:
		s.evictions++
	case doAdvance:
		s.advances++
	}
}
