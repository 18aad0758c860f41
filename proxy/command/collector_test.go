package command

import (
	"slices"
	"testing"
	"time"
)

func TestHeadroomPercent(t *testing.T) {
	for _, row := range []struct {
		name    string
		alive   uint64
		hurried bool
		want    int
	}{
		{"nothing yet", 0, false, 100},
		{"an idle program has Go's own head room", 4 << 20, false, 100},
		{"a little more has the least", 32 << 20, false, 50},
		{"a full memory has a sixteenth", 1 << 30, false, 6},
		{"however full", 64 << 30, false, 6},
		{"in a hurry there is Go's own", 256 << 20, true, 100},
		{"but no more than 256 MiB", 1 << 30, true, 25},
		{"and never less than without one", 8 << 30, true, 6},
		{"nor more than Go's own", 4 << 20, true, 100},
	} {
		if got := headroomPercent(row.alive, row.hurried); got != row.want {
			t.Errorf("%s: %d bytes alive: %d %%, want %d %%", row.name, row.alive, got, row.want)
		}
	}
}

// TestCollectorGivesBack lets time pass over a heap of 256 MiB: a collection after
// quiet, one in a hurry, and looks until the hurry is over.
func TestCollectorGivesBack(t *testing.T) {
	now := time.Unix(0, 0)
	h := heap{alive: 256 << 20}
	var set []int
	given := 0
	var look func()
	c := &collector{
		read: func() heap { return h }, now: func() time.Time { return now },
		again: func(f func()) { look = f },
		set:   func(p int) { set = append(set, p) }, giveBack: func() { given++ },
		percent: mostPercent, looked: now,
	}
	pass := func(took time.Duration, bytes uint64) {
		now = now.Add(took)
		h.allocated += bytes
	}
	pass(time.Second, hurry)
	c.collected()
	if look != nil || !slices.Equal(set, []int{6}) {
		t.Fatalf("as much as is no hurry: set %v, looks again %v", set, look != nil)
	}
	pass(time.Second, hurry+1)
	c.collected()
	if look == nil || !slices.Equal(set, []int{6, 100}) {
		t.Fatalf("in a hurry: set %v, looks again %v", set, look != nil)
	}
	again := look
	look = nil
	pass(hurryLook, leisure+1)
	again()
	if look == nil || given != 0 {
		t.Fatalf("while the hurry goes on: looks again %v, gave back %d times", look != nil, given)
	}
	again, look = look, nil
	pass(hurryLook, leisure)
	again()
	if look != nil || given != 1 || !slices.Equal(set, []int{6, 100, 6}) {
		t.Fatalf("after it: set %v, looks again %v, gave back %d times", set, look != nil, given)
	}
}

// TestSmallHeapHurriesInVain: what has all the head room there is needs no more, and
// has nothing to give back.
func TestSmallHeapHurriesInVain(t *testing.T) {
	now := time.Unix(0, 0)
	h := heap{alive: leastHeadroom, allocated: 1 << 30}
	var set []int
	c := &collector{
		read: func() heap { return h }, now: func() time.Time { return now },
		again: func(func()) { t.Error("it looks again") },
		set:   func(p int) { set = append(set, p) }, percent: startPercent, looked: now,
	}
	c.collected()
	if !slices.Equal(set, []int{mostPercent}) {
		t.Errorf("set %v, want Go's own head room from the first collection on", set)
	}
}
