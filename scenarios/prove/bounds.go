package prove

import (
	"fmt"
	"time"
)

// Bounds limit the explorer. The zero value means the defaults; the fixpoint has
// no bounds.
type Bounds struct {
	// Visitors is how many fresh visitors there are when a deploy lists none.
	// Default 2 (one more than tiers that can be poisoned), 1 to 4.
	Visitors int `json:"visitors"`
	// Flights is how many may be open at once in one tier. Default 2, at most 4;
	// -1: none, every flight lands before anything else happens.
	Flights int `json:"flights"`
	// Evictions is how often a tier may forget a stored response. Default 0;
	// -1: any number.
	Evictions int `json:"evictions"`
	// Prefixes lets the deploy fail after any of its steps.
	Prefixes bool `json:"prefixes"`
	// Exact keeps the explorer within these bounds. Otherwise it looks again with
	// one eviction, and then with one visitor more, when the fixpoint leaves
	// something open.
	Exact bool `json:"exact,omitempty"`
	// Horizon is the longest lifetime that may end while the deploy is looked at;
	// longer ones do not end. Default 1 h.
	Horizon time.Duration `json:"horizon"`
	// States is how many states are kept at most, over all explorations of a
	// deploy. Default 1,000,000.
	States int `json:"states"`
	// Memory is the bytes the explorer may use for states. Default 1 GiB.
	Memory int64 `json:"memoryBytes"`
}

func (b Bounds) withDefaults() Bounds {
	if b.Visitors == 0 {
		b.Visitors = 2
	}
	if b.Flights == 0 {
		b.Flights = 2
	}
	if b.Horizon == 0 {
		b.Horizon = time.Hour
	}
	if b.States == 0 {
		b.States = 1_000_000
	}
	if b.Memory == 0 {
		b.Memory = 1 << 30
	}
	return b
}

// check says which bound is beyond what the explorer takes.
func (b *Bounds) check() error {
	for _, x := range []struct {
		name             string
		got, least, most int
	}{
		{"visitors", b.Visitors, 1, maxVisitors},
		{"flights", b.Flights, -1, maxFlights},
		{"evictions", b.Evictions, -1, 200},
	} {
		if x.got < x.least || x.got > x.most {
			return fmt.Errorf("bounds.%s: %d, want %d to %d", x.name, x.got, x.least, x.most)
		}
	}
	if b.States < 0 || b.Memory < 0 || b.Horizon < 0 {
		return fmt.Errorf("bounds: states %d, memory %d and horizon %v cannot be negative", b.States, b.Memory, b.Horizon)
	}
	return nil
}

// Progress is how far a proof has come.
type Progress struct {
	Deploy string // its name
	States int    // explored so far
	Depth  int    // events so far in the longest trace
	Done   int    // cells of a matrix that are finished; Prove alone: 0 or 1
	Cells  int    // cells of a matrix; Prove alone: 1
}
