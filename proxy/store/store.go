package store

import (
	"errors"
	"hash/maphash"
	"iter"
	"runtime"
	"sync"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
)

// Options say what a [Store] is made of. The zero value is memory alone.
type Options struct {
	// MemoryBytes is how much memory stored responses may take. Default
	// [DefaultMemoryBytes], 1 GiB.
	MemoryBytes int64

	// Behind is the shared or lasting level; nil: none. Close leaves it open. A
	// [Journal] is shared with other programs, the list of invalidations included.
	Behind httpcache.Cache

	// Dir is a lasting directory for body files, of this Store alone. Default "":
	// a temporary one, made when first needed and removed by Close.
	Dir string

	// FileBytes is how much all body files of stored responses may take together.
	// Default [DefaultFileBytes], 8 GiB. When that is not enough, the oldest go.
	// A file that went is closed by the garbage collector, so for a while the disk
	// may hold a quarter more.
	FileBytes int64

	// LargeBytes is the length from which on a body is not put into the store
	// behind, see the package comment. Default [DefaultLargeBytes], 64 MiB.
	LargeBytes int64

	// Lost is told of each response that memory could not keep, see
	// [MemoryOptions]. What is behind memory may still have it. It must not use
	// the Store, which is in the middle of something.
	Lost func(*Response, Loss)
}

const (
	DefaultFileBytes  = 8 << 30  // for all body files
	DefaultLargeBytes = 64 << 20 // for a body in the store behind
)

// Store keeps stored responses: in memory, and in whatever stands behind it. It is
// safe for concurrent use. What it returns is shared and must not be modified.
type Store struct {
	memory *Memory
	shelf  *shelf
	behind httpcache.Cache
	// journal is what stands behind, if several programs share it; nil: they do not.
	journal Journal
	large   int64

	seed maphash.Seed
	// keys are held, one for each key at a time, by all that looks behind or
	// changes something; a hit in memory holds none. Together they protect what is
	// below.
	keys   [64]sync.Mutex
	state  state
	found  []Record // the whole list, from when it was read to when it is asked for or changes
	read   int      // records of the journal
	closed bool
	cut    bool // off from what is behind, whose list of invalidations was lost
}

// New opens a Store. With something behind memory it reads the list of
// invalidations from there, or begins one; if that cannot be written it is an
// error, since the seam tells of no other.
func New(o Options) (*Store, error) {
	if o.FileBytes == 0 {
		o.FileBytes = DefaultFileBytes
	}
	if o.LargeBytes == 0 {
		o.LargeBytes = DefaultLargeBytes
	}
	s := &Store{behind: o.Behind, large: o.LargeBytes, seed: maphash.MakeSeed()}
	s.journal, _ = o.Behind.(Journal)
	known, err := s.readState()
	if err != nil {
		return nil, err
	}
	if s.shelf, err = openShelf(o.Dir, o.FileBytes, known); err != nil {
		return nil, err
	}
	s.memory, err = NewMemory(MemoryOptions{Bytes: o.MemoryBytes, Lost: o.Lost, gone: s.left})
	return s, err
}

// left is told of each response that leaves memory.
func (s *Store) left(r *Response) {
	if b, ok := r.Body.(*fileBody); ok {
		s.shelf.left(cachepolicy.KeyOf(r.Stored.Key).Hash(), b)
	}
}

// Get finds the stored response with this key, or nil.
func (s *Store) Get(key string) *Response {
	if r := s.memory.Get(key); r != nil || s.behind == nil {
		return r
	}
	return s.load(key)
}

// Look is Get for a hit, see [Memory.Look].
func (s *Store) Look(key []byte) *Response {
	if r := s.memory.Look(key); r != nil || s.behind == nil {
		return r
	}
	return s.load(string(key))
}

// load brings a response from behind into memory. It looks into memory again when
// it has the key for itself:
//
//	reader A, reader B: not in memory
//	reader A: decodes it, puts it into memory
//	reader B: would decode it again, or put an old one over what a Set stored
func (s *Store) load(key string) *Response {
	unlock := s.lock(key)
	defer unlock()
	if r := s.memory.Get(key); r != nil || s.closed || s.cut {
		return r
	}
	r := s.fromBehind(key)
	if r != nil {
		s.memory.Set(r)
	}
	return r
}

// Newer is what another program has stored in the place of r, which is of no use
// any more, or else r.
func (s *Store) Newer(r *Response) *Response {
	if s.journal == nil {
		return r
	}
	unlock := s.lock(r.Stored.Key)
	defer unlock()
	if s.closed || s.cut {
		return r
	}
	next := s.fromBehind(r.Stored.Key)
	if next == nil || next.Stored.Mark <= r.Stored.Mark && !next.Stored.Received.After(r.Stored.Received) {
		return r
	}
	s.memory.Set(next)
	return next
}

// fromBehind needs the lock of the key.
func (s *Store) fromBehind(key string) *Response {
	hash := cachepolicy.KeyOf(key).Hash()
	value, ok := s.behind.Get(hash)
	if !ok {
		return nil
	}
	head, file, bytes, err := decode(value, key, s.state.Epoch)
	if err != nil {
		return nil
	}
	body := BytesBody(bytes)
	if file != "" {
		b, err := s.shelf.open(hash, key, file, head.BodyBytes)
		if err != nil {
			return nil
		}
		body = b
	}
	return NewResponse(head, body)
}

// Set stores r under its key, in memory and behind, in place of what was there. It
// reports whether memory keeps it.
func (s *Store) Set(r *Response) bool {
	unlock := s.lock(r.Stored.Key)
	kept, gone, collect := s.set(r)
	unlock()
	for _, old := range gone {
		s.memory.deleteFile(old.key, old.name)
	}
	if collect {
		runtime.GC() // closes the files that nobody can reach any more
	}
	return kept
}

func (s *Store) set(r *Response) (kept bool, gone []*shelved, collect bool) {
	if s.closed {
		return false, nil, false
	}
	b, inFile := r.Body.(*fileBody)
	if !inFile && s.behind == nil && s.shelf.empty() {
		return s.memory.Set(r), nil, false // nobody asks for the hash
	}
	key, hash := r.Stored.Key, cachepolicy.KeyOf(r.Stored.Key).Hash()
	if !inFile {
		s.shelf.remove(hash)
		kept = s.memory.Set(r)
		s.writeBehind(hash, r, "")
		return kept, nil, false
	}
	gone, ok := s.shelf.put(hash, key, b)
	if !ok {
		s.forget(key, hash)
		return false, nil, false
	}
	name := ""
	if s.behind != nil && b.size > s.large {
		name = s.shelf.label(hash, b)
	}
	kept = s.memory.Set(r)
	s.writeBehind(hash, r, name)
	return kept, gone, s.shelf.full()
}

// writeBehind leaves nothing behind that is older than r: a store that is full
// refuses a new value silently and would keep the old one.
func (s *Store) writeBehind(hash string, r *Response, file string) {
	if s.behind == nil || s.cut {
		return
	}
	s.behind.Delete(hash)
	if file == "" && r.Body.Len() > s.large {
		return
	}
	if value, err := encode(s.state.Epoch, r.Whole(), file); err == nil {
		s.behind.Set(hash, value)
	}
}

// Delete forgets the response with this key, in memory and behind.
func (s *Store) Delete(key string) {
	unlock := s.lock(key)
	defer unlock()
	s.forget(key, cachepolicy.KeyOf(key).Hash())
}

// forget needs the lock of the key.
func (s *Store) forget(key, hash string) {
	s.shelf.remove(hash)
	s.memory.Delete(key)
	if s.behind != nil {
		s.behind.Delete(hash)
	}
}

// Forget forgets everything, the list of invalidations too, of which first have been
// cut off from now on, see [Records]. Stored responses behind are not removed, since
// they cannot be listed, but never used again; the error says that this could not be
// noted there. What is shared with other programs cannot be forgotten: that is an
// error, and nothing is.
func (s *Store) Forget(first uint64) error {
	if s.journal != nil {
		return errors.New("other programs use this store, too; invalidate /* instead")
	}
	unlock := s.lockAll()
	defer unlock()
	s.memory.Clear()
	s.shelf.clear()
	before := s.state.Before
	s.state = state{Epoch: newEpoch(), Records: Records{First: first}}
	if err := s.writeState(); err != nil {
		return err
	}
	s.burn(before)
	return nil
}

// All lists what memory holds at the moment, in no particular order. What is only
// behind is not listed.
func (s *Store) All() iter.Seq[*Response] { return s.memory.All() }

// UsedBytes is how much memory stored responses take, as counted.
func (s *Store) UsedBytes() int64 { return s.memory.UsedBytes() }

// NewSpool makes a Spool whose body can be stored here, see [NewSpool].
func (s *Store) NewSpool(limitBytes int64) *Spool {
	return newSpool(limitBytes, s.shelf.directory)
}

// Close ends the Store's goroutines and removes its temporary directory. Nothing
// is found afterwards. What is behind stays open.
func (s *Store) Close() error {
	unlock := s.lockAll()
	defer unlock()
	s.closed = true
	if err := s.memory.Close(); err != nil {
		return err
	}
	return s.shelf.close()
}

func (s *Store) lock(key string) (unlock func()) {
	mu := &s.keys[s.stripe(key)]
	mu.Lock()
	return mu.Unlock
}

func (s *Store) stripe(key string) uint64 {
	return maphash.String(s.seed, key) % uint64(len(s.keys))
}

func (s *Store) lockAll() (unlock func()) {
	for i := range s.keys {
		s.keys[i].Lock()
	}
	return func() {
		for i := range s.keys {
			s.keys[i].Unlock()
		}
	}
}
