package prove

import (
	"bytes"
	"hash/maphash"
)

// states is a set of encoded worlds, each with the shortest way to it: the state
// it was reached from and the move.
type states struct {
	size   int // bytes of one encoding
	arena  []byte
	from   []uint32
	by     []move
	depth  []uint16
	table  []uint32 // open addressing; 0 is free, else 1 + state
	seed   maphash.Seed
	maxNum int
}

func newStates(size int) *states {
	return &states{size: size, table: make([]uint32, 1<<12), seed: maphash.MakeSeed()}
}

func (s *states) len() int { return len(s.by) }

func (s *states) at(i uint32) []byte { return s.arena[int(i)*s.size : int(i)*s.size+s.size] }

// bytes is the memory in use for states.
func (s *states) bytes() int64 {
	return int64(cap(s.arena)) + 10*int64(cap(s.by)) + 4*int64(len(s.table))
}

// add puts an encoding into the set if it is not there. It returns its number
// and whether it was new, or is now known to be nearer than it was.
func (s *states) add(enc []byte, from uint32, by move, depth uint16) (uint32, bool) {
	if 4*len(s.by) >= 3*len(s.table) {
		s.grow()
	}
	mask := uint64(len(s.table) - 1)
	for h := maphash.Bytes(s.seed, enc) & mask; ; h = (h + 1) & mask {
		n := s.table[h]
		if n == 0 {
			n = uint32(len(s.by))
			s.table[h] = n + 1
			s.arena = append(s.arena, enc...)
			s.from, s.by, s.depth = append(s.from, from), append(s.by, by), append(s.depth, depth)
			return n, true
		}
		if n--; bytes.Equal(s.at(n), enc) {
			if depth >= s.depth[n] {
				return n, false
			}
			s.from[n], s.by[n], s.depth[n] = from, by, depth
			return n, true
		}
	}
}

func (s *states) grow() {
	old := s.table
	s.table = make([]uint32, 2*len(old))
	mask := uint64(len(s.table) - 1)
	for _, n := range old {
		if n == 0 {
			continue
		}
		h := maphash.Bytes(s.seed, s.at(n-1)) & mask
		for s.table[h] != 0 {
			h = (h + 1) & mask
		}
		s.table[h] = n
	}
}

// way is the moves from the first state to state i.
func (s *states) way(i uint32) []move {
	var out []move
	for ; i != 0; i = s.from[i] {
		out = append(out, s.by[i])
	}
	for a, b := 0, len(out)-1; a < b; a, b = a+1, b-1 {
		out[a], out[b] = out[b], out[a]
	}
	return out
}
