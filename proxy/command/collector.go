package command

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Head room of the garbage collector: how much may be allocated between two
// collections. Go's own is as much as is alive, so that stored responses would take
// twice their size. A sixteenth is little where much is fetched: with 100,000 stored
// responses a collection follows a thousand misses, and takes a third of their CPU.
// So when more than hurry is allocated in a second, which is about a thousand misses,
// there is as much room as Go gives by itself, up to 256 MiB, and when less than leisure
// is, it is given back.
const (
	leastHeadroom = 16 << 20
	headroomShare = 16 // of what is alive
	mostPercent   = 100
	startPercent  = 200 // until the first collection, which comes when the server is up: see keepHeadroom

	hurry         = 8 << 20 // bytes a second
	hurryHeadroom = 256 << 20
	leisure       = hurry / 4
	hurryLook     = time.Second // how soon memory is given back when less than leisure is allocated
)

// keepHeadroom has the collector keep that head room from now on, unless the
// environment says how much it shall be. After each collection it looks at what is
// alive, in the goroutine that runs finalizers.
//
// To open a server allocates 3 to 4 MB, most of it counters for what will be stored.
// Go would collect at 3 MB, in vain, and what it touches for that is a tenth of an
// idle server's memory.
func keepHeadroom() {
	if os.Getenv("GOGC") != "" {
		return
	}
	c := &collector{
		read: readHeap, now: time.Now, again: func(f func()) { time.AfterFunc(hurryLook, f) },
		set: func(p int) { debug.SetGCPercent(p) }, giveBack: debug.FreeOSMemory, percent: startPercent,
	}
	c.set(c.percent)
	c.looked = c.now()
	var collected func(*sentinel)
	collected = func(s *sentinel) {
		c.collected()
		runtime.SetFinalizer(s, collected)
	}
	runtime.SetFinalizer(&sentinel{}, collected)
}

// sentinel is found dead by each collection, and lives again.
type sentinel struct{ _ [16]byte }

// collector settles the head room. Its functions are the runtime's, or a test's.
type collector struct {
	read     func() heap
	now      func() time.Time
	again    func(func()) // after hurryLook
	set      func(percent int)
	giveBack func()

	mu        sync.Mutex
	percent   int
	hurried   bool
	looked    time.Time
	allocated uint64 // when looked
}

// heap is what is alive after a collection, and what was allocated since the program
// began, in bytes.
type heap struct{ alive, allocated uint64 }

func readHeap() heap {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 || s[1].Value.Kind() != metrics.KindUint64 {
		return heap{}
	}
	return heap{s[0].Value.Uint64(), s[1].Value.Uint64()}
}

// collected looks at the heap after a collection.
func (c *collector) collected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.read()
	if !c.hurried && c.faster(h, hurry) && headroomPercent(h.alive, true) > headroomPercent(h.alive, false) {
		c.hurried = true
		c.again(c.look)
	}
	c.settle(h)
}

// look is what there is from time to time while there is a hurry: without one,
// nothing would be collected any more.
func (c *collector) look() {
	if c.goesOn() {
		c.again(c.look)
		return
	}
	c.giveBack() // outside the lock: it collects
}

func (c *collector) goesOn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.read()
	c.hurried = c.faster(h, leisure)
	c.settle(h)
	return c.hurried
}

// faster reports whether more than limit bytes a second were allocated since it was
// asked last.
func (c *collector) faster(h heap, limit float64) bool {
	now := c.now()
	took := now.Sub(c.looked)
	bytes := h.allocated - c.allocated
	c.looked, c.allocated = now, h.allocated
	return float64(bytes) > limit*took.Seconds()
}

func (c *collector) settle(h heap) {
	if p := headroomPercent(h.alive, c.hurried); p != c.percent {
		c.percent = p
		c.set(p)
	}
}

// headroomPercent is what debug.SetGCPercent wants to be told.
func headroomPercent(alive uint64, hurried bool) int {
	if alive == 0 {
		return mostPercent
	}
	room := max(leastHeadroom, alive/headroomShare)
	if hurried {
		room = max(room, min(hurryHeadroom, alive))
	}
	return int(min(mostPercent, room*100/alive))
}
