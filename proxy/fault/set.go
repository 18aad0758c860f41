package fault

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"staleproof/cachepolicy"
)

// Set is the faults that are set, in the order in which they were added. The zero
// Set has none. It is safe for concurrent use.
type Set struct {
	mu   sync.Mutex             // held by whoever changes the list
	list atomic.Pointer[[]*set] // nil: none; what it points to never changes
}

// set is a fault that is set.
type set struct {
	Fault
	gone chan struct{} // closed when it is deleted

	mu     sync.Mutex // guards what follows
	rng    *rand.Rand
	struck int64
}

// State is a fault and how many requests it struck.
type State struct {
	Fault
	Struck int64 `json:"struck"`
}

func (s *Set) all() []*set {
	if s == nil {
		return nil
	}
	if l := s.list.Load(); l != nil {
		return *l
	}
	return nil
}

// Any reports whether a fault is set. It is one look at memory.
func (s *Set) Any() bool { return s != nil && s.list.Load() != nil }

// Add sets a fault. A zero Toxicity counts as 1.
func (s *Set) Add(f Fault) (State, error) {
	if f.Toxicity == 0 {
		f.Toxicity = 1
	}
	if err := f.check(); err != nil {
		return State{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.all()
	switch {
	case len(list) >= MaxFaults:
		return State{}, ErrTooMany
	case f.Name == "":
		f.Name = free(list, string(f.Type))
	case find(list, f.Name) >= 0:
		return State{}, ErrTaken
	}
	added := &set{
		Fault: f, gone: make(chan struct{}),
		rng: rand.New(rand.NewChaCha8(sha256.Sum256([]byte(f.Seed + "\x00" + f.Name)))),
	}
	s.put(append(slices.Clone(list), added))
	return added.state(), nil
}

// free is a name that nobody has: base, or base with the first number that is free.
func free(list []*set, base string) string {
	name := base
	for n := 2; find(list, name) >= 0; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

func find(list []*set, name string) int {
	return slices.IndexFunc(list, func(a *set) bool { return a.Name == name })
}

// put needs mu.
func (s *Set) put(list []*set) {
	if len(list) == 0 {
		s.list.Store(nil)
		return
	}
	s.list.Store(&list)
}

// Delete takes a fault away and reports whether there was one of that name.
// Requests that a Timeout holds go on.
func (s *Set) Delete(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.all()
	i := find(list, name)
	if i < 0 {
		return false
	}
	s.put(slices.Delete(slices.Clone(list), i, i+1))
	close(list[i].gone)
	return true
}

// Clear takes all faults away and says how many there were.
func (s *Set) Clear() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.all()
	s.put(nil)
	for _, a := range list {
		close(a.gone)
	}
	return len(list)
}

// List is the faults that are set, in the order in which they were added.
func (s *Set) List() []State {
	list := []State{}
	for _, a := range s.all() {
		list = append(list, a.state())
	}
	return list
}

func (a *set) state() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return State{a.Fault, a.struck}
}

// concerns reports whether the fault is meant for a request.
func (f *Fault) concerns(distributionID, originID, path string) bool {
	return (f.Distribution == "" || f.Distribution == distributionID) && (f.Origin == "" || f.Origin == originID) &&
		(f.Path == "" || cachepolicy.MatchWildcard(strings.TrimPrefix(f.Path, "/"), strings.TrimPrefix(path, "/")))
}

// strike draws for one request: whether the fault strikes, and where in the range
// of its jitter, from -1 to 1. Each request takes two draws, whatever comes of it.
func (a *set) strike() (jitter float64, strikes bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Times > 0 && a.struck >= a.Times {
		return 0, false
	}
	chance, jitter := a.rng.Float64(), 2*a.rng.Float64()-1
	if chance >= a.Toxicity {
		return 0, false
	}
	a.struck++
	return jitter, true
}
