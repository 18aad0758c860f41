package prove

import (
	"bytes"
	"hash/maphash"
)

// states is a set of encoded worlds, each with the shortest way to it: the state
// it was reached from and the move.
type states struct {
	size   int // bytes of one encoding
	chunks [][]byte
	from   []uint32
	by     []move
	depth  []uint16
	// table is open addressing: 0 is free, else the upper half of the hash and
	// 1 + the state. The upper half says where to look, too, so that the table grows
	// without a look at states. Where they lie depends on the seed, their numbers do
	// not.
	table []uint64
	seed  maphash.Seed
}

// chunkStates is how many encodings lie in one piece of memory.
const chunkStates = 1 << 12

func newStates(size int) *states {
	return &states{size: size, table: make([]uint64, 1<<10), seed: maphash.MakeSeed()}
}

func (s *states) len() int { return len(s.by) }

func (s *states) at(i uint32) []byte {
	from := int(i%chunkStates) * s.size
	return s.chunks[i/chunkStates][from : from+s.size]
}

// bytes is the memory in use for states.
func (s *states) bytes() int64 {
	return int64(len(s.chunks)*chunkStates*s.size) + 10*int64(cap(s.by)) + 8*int64(len(s.table))
}

// add puts an encoding into the set if it is not there. It returns its number
// and whether it was new, or is now known to be nearer than it was.
func (s *states) add(enc []byte, from uint32, by move, depth uint16) (uint32, bool) {
	if 4*len(s.by) >= 3*len(s.table) {
		s.grow()
	}
	mask := uint64(len(s.table) - 1)
	hash := maphash.Bytes(s.seed, enc)
	for h := hash >> 32 & mask; ; h = (h + 1) & mask {
		entry := s.table[h]
		if entry == 0 {
			n := s.push(enc, from, by, depth)
			s.table[h] = hash&^(1<<32-1) | uint64(n+1)
			return n, true
		}
		if n := uint32(entry) - 1; entry>>32 == hash>>32 && bytes.Equal(s.at(n), enc) {
			if depth >= s.depth[n] {
				return n, false
			}
			s.from[n], s.by[n], s.depth[n] = from, by, depth
			return n, true
		}
	}
}

func (s *states) push(enc []byte, from uint32, by move, depth uint16) uint32 {
	n := uint32(len(s.by))
	if n%chunkStates == 0 {
		s.chunks = append(s.chunks, make([]byte, chunkStates*s.size))
	}
	s.from, s.by, s.depth = append(s.from, from), append(s.by, by), append(s.depth, depth)
	copy(s.at(n), enc)
	return n
}

func (s *states) grow() {
	old := s.table
	s.table = make([]uint64, 2*len(old))
	mask := uint64(len(s.table) - 1)
	for _, entry := range old {
		if entry == 0 {
			continue
		}
		h := entry >> 32 & mask
		for s.table[h] != 0 {
			h = (h + 1) & mask
		}
		s.table[h] = entry
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
