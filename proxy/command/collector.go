package command

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Head room of the garbage collector: how much may be allocated between two
// collections. Go's own is as much as is alive, so that stored responses would take
// twice their size. A sixteenth costs a miss 5 to 10 % of its CPU where 100,000 objects are
// stored, since stored bodies and heads hold no pointers to follow.
const (
	leastHeadroom = 16 << 20
	headroomShare = 16 // of what is alive
	mostPercent   = 100
)

// keepHeadroom has the collector keep that head room from now on, unless the
// environment says how much it shall be. After each collection it looks at what is
// alive, in the goroutine that runs finalizers.
func keepHeadroom() {
	if os.Getenv("GOGC") != "" {
		return
	}
	alive := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	last := mostPercent
	var watch func(*sentinel)
	watch = func(s *sentinel) {
		metrics.Read(alive)
		if alive[0].Value.Kind() != metrics.KindUint64 {
			return
		}
		if p := headroomPercent(alive[0].Value.Uint64()); p != last {
			last = p
			debug.SetGCPercent(p)
		}
		runtime.SetFinalizer(s, watch)
	}
	runtime.SetFinalizer(&sentinel{}, watch)
}

// sentinel is found dead by each collection, and lives again.
type sentinel struct{ _ [16]byte }

// headroomPercent is what debug.SetGCPercent wants to be told.
func headroomPercent(alive uint64) int {
	if alive == 0 {
		return mostPercent
	}
	room := max(leastHeadroom, alive/headroomShare)
	return int(min(mostPercent, room*100/alive))
}
