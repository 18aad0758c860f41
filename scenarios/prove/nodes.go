package prove

import (
	"fmt"
	"slices"
	"time"

	"staleproof/cachepolicy"
)

// node is how far a deploy is: a set of steps that are done, closed under what
// must come before. What servers have depends on nothing else.
type node struct {
	done     uint32
	stopped  bool  // the deploy failed here
	finished bool  // nothing more will be done
	next     []int // by step: the node after it; -1: done or not yet possible
	stop     int   // the node when the deploy fails here; -1: it cannot
	fs       [maxServers][]int16
	live     uint8 // builds whose pages some server gives
	final    uint8 // finished: builds of the page when all servers give the same
	back     bool  // a page of an older build was put over a newer one
}

// write is one file put on or taken from one server.
type write struct {
	server, path int
	file         int16 // -1: taken away
	build        int   // of a page put, else 0
}

// readSteps works out what each step writes, and every node of the deploy.
func (m *model) readSteps() error {
	steps := slices.Clone(m.deploy.Mode.Steps)
	m.deploy.Mode.Steps = steps
	if len(steps) == 0 || len(steps) > maxSteps {
		return fmt.Errorf("mode %s has %d steps, want 1 to %d", m.deploy.Mode.Name, len(steps), maxSteps)
	}
	if n := m.servers(); n < 1 || n > maxServers {
		return fmt.Errorf("%d servers, want 1 to %d", n, maxServers)
	}
	if n := m.outages(); n < 0 || n > 8 {
		return fmt.Errorf("origin: %d outages, want 0 to 8", n)
	}
	m.horizon = m.bounds.Horizon
	before := make([]uint32, len(steps))
	writes := make([][]write, len(steps))
	for i := range steps {
		s := &steps[i]
		if s.After == nil && i > 0 {
			s.After = []int{i - 1}
		}
		for _, a := range s.After {
			if a < 0 || a >= i {
				return fmt.Errorf("mode %s: step %d comes after step %d, which is not before it", m.deploy.Mode.Name, i, a)
			}
			before[i] |= 1<<a | before[a]
		}
		w, err := m.stepWrites(s, steps[:i])
		if err != nil {
			return fmt.Errorf("mode %s: step %d: %w", m.deploy.Mode.Name, i, err)
		}
		writes[i] = w
		for j := range i {
			if before[i]&(1<<j) == 0 && clash(writes[j], w) {
				return fmt.Errorf("mode %s: steps %d and %d write the same file and neither comes after the other", m.deploy.Mode.Name, j, i)
			}
		}
	}
	return m.buildNodes(before, writes)
}

func clash(a, b []write) bool {
	for _, x := range a {
		for _, y := range b {
			if x.server == y.server && x.path == y.path && x.file != y.file {
				return true
			}
		}
	}
	return false
}

func (m *model) stepWrites(s *Step, earlier []Step) ([]write, error) {
	switch s.Do {
	case Wait:
		if s.For <= 0 || s.For%time.Second != 0 {
			return nil, fmt.Errorf("waits %v, want whole seconds", s.For)
		}
		m.horizon = max(m.horizon, s.For)
		return nil, nil
	case Invalidate:
		return nil, m.readInvalidation(s)
	case Put, Tear, Delete, Remove:
	default:
		return nil, fmt.Errorf("no act %q", s.Do)
	}
	if s.Build < 1 || s.Build > len(m.builds) {
		return nil, fmt.Errorf("build %d of %d", s.Build, len(m.builds))
	}
	if s.Server < 0 || s.Server > m.servers() {
		return nil, fmt.Errorf("server %d of %d", s.Server, m.servers())
	}
	var out []write
	for _, f := range m.builds[s.Build-1].Files {
		if !picks(s, &f) || s.Do == Delete && m.usedElsewhere(s.Build, f.Path, earlier) {
			continue
		}
		w := write{path: m.pathIndex(f.Path), file: m.place(m.placed(&f))}
		switch s.Do {
		case Delete, Remove:
			w.file = -1
		case Tear:
			w.file = m.place(placed{m.torn, f.Version, f.Page, f.Control, f.Coding})
		case Put:
			if f.Page && f.Coding == "" {
				w.build = s.Build
			}
		}
		for server := range m.servers() {
			if s.Server == 0 || s.Server == server+1 {
				w.server = server
				out = append(out, w)
			}
		}
	}
	return out, nil
}

func picks(s *Step, f *File) bool {
	switch s.Files {
	case Pages:
		return f.Page
	case Assets:
		return !f.Page
	case Parents:
		return !f.Page && len(f.Refs) > 0
	case Leaves:
		return !f.Page && len(f.Refs) == 0
	case Plain:
		return f.Coding == ""
	case Copies:
		return f.Coding != ""
	case Named:
		return slices.Contains(s.Names, f.name())
	}
	return true
}

// usedElsewhere reports whether another build that is there by then has a file under a
// path. Who prunes does not know the builds to come.
func (m *model) usedElsewhere(build int, path string, earlier []Step) bool {
	for i, b := range m.builds {
		if i+1 == build || i > 0 && !slices.ContainsFunc(earlier, func(s Step) bool { return s.Do == Put && s.Build == i+1 }) {
			continue
		}
		if slices.ContainsFunc(b.Files, func(f File) bool { return f.Path == path }) {
			return true
		}
	}
	return false
}

func (m *model) buildNodes(before []uint32, writes [][]write) error {
	start := node{}
	var first []write
	for _, f := range m.builds[0].Files {
		first = append(first, write{path: m.pathIndex(f.Path), file: m.place(m.placed(&f))})
	}
	for s := range m.servers() {
		fs := make([]int16, len(m.paths))
		for i := range fs {
			fs[i] = -1
		}
		for _, w := range first {
			fs[w.path] = w.file
		}
		start.fs[s] = fs
	}
	index := map[uint32]int{0: 0}
	m.nodes = append(m.nodes, start)
	all := uint32(1)<<len(before) - 1
	for n := 0; n < len(m.nodes); n++ {
		if len(m.nodes) > maxStages {
			return fmt.Errorf("mode %s has more than %d stages: order more of its steps", m.deploy.Mode.Name, maxStages)
		}
		next := make([]int, len(before))
		for i := range next {
			next[i] = -1
			done := m.nodes[n].done
			if done&(1<<i) != 0 || before[i]&^done != 0 {
				continue
			}
			to, ok := index[done|1<<i]
			if !ok {
				to = len(m.nodes)
				index[done|1<<i] = to
				m.nodes = append(m.nodes, m.after(m.nodes[n], i, writes[i]))
			}
			next[i] = to
		}
		m.nodes[n].next, m.nodes[n].stop = next, -1
		m.nodes[n].finished = m.nodes[n].done == all
	}
	if m.bounds.Prefixes {
		m.addStops(len(before))
	}
	for n := range m.nodes {
		m.describe(n)
	}
	return nil
}

// addStops gives every node but the first and the last one where the deploy has
// failed.
func (m *model) addStops(steps int) {
	for n := range len(m.nodes) {
		if m.nodes[n].finished || m.nodes[n].done == 0 {
			continue
		}
		stopped := m.nodes[n]
		stopped.next = slices.Repeat([]int{-1}, steps)
		stopped.stopped, stopped.finished, stopped.stop = true, true, -1
		m.nodes[n].stop = len(m.nodes)
		m.nodes = append(m.nodes, stopped)
	}
}

func (m *model) after(n node, step int, writes []write) node {
	n.done |= 1 << step
	for s := range m.servers() {
		n.fs[s] = slices.Clone(n.fs[s])
	}
	for _, w := range writes {
		if w.build != 0 {
			if old := n.fs[w.server][w.path]; old >= 0 && m.bodies[m.files[old].body].builds>>w.build != 0 {
				n.back = true
			}
		}
		n.fs[w.server][w.path] = w.file
	}
	return n
}

// describe fills in which builds are live at a node.
func (m *model) describe(n int) {
	nd := &m.nodes[n]
	nd.live, nd.final = 0, 1<<len(m.builds)-1
	for s := range m.servers() {
		mine := uint8(0)
		for _, f := range nd.fs[s] {
			if f >= 0 && m.files[f].page && m.files[f].coding == "" {
				mine |= m.bodies[m.files[f].body].builds
			}
		}
		nd.live |= mine
		nd.final &= mine
	}
}

// readInvalidation numbers the invalidation of a step.
func (m *model) readInvalidation(s *Step) error {
	if s.Items == nil {
		s.Items = []string{"/*"}
	}
	for _, item := range s.Items {
		if err := cachepolicy.CheckItem(item); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(m.tiers, func(t tierSpec) bool { return s.Tier == "" || s.Tier == t.kind || s.Tier == t.name }) {
		return fmt.Errorf("there is no tier %q", s.Tier)
	}
	if len(m.invs) == 8 {
		return fmt.Errorf("more than 8 invalidations")
	}
	s.inv = uint8(len(m.invs))
	m.invs = append(m.invs, cachepolicy.Invalidation{ID: s.Name, Items: s.Items, Created: epoch})
	return nil
}
