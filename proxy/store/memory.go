package store

import (
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"sync"

	"github.com/dgraph-io/ristretto/v2"
)

// MemoryOptions bound a [Memory].
type MemoryOptions struct {
	// Bytes is how much memory stored responses may take, everything counted but
	// bodies in files. Default 1 GiB.
	Bytes int64

	// Lost is told of each response that memory could not keep: evicted to make
	// room, or refused. It is called by the goroutine whose Set caused it, after
	// that Set, and may use the Memory. Which ones are lost is random by design,
	// so a reproducible story must not reach Bytes. nil: nobody listens.
	Lost func(*Response, Loss)

	gone func(*Response) // called for each response that left, for whatever reason
}

// Loss is why memory lost a response.
type Loss string

const (
	Evicted  Loss = "evicted to make room"
	Refused  Loss = "refused: memory is full of responses that are read more often"
	TooLarge Loss = "refused: larger than memory"
)

// DefaultMemoryBytes is how much memory stored responses may take: 1 GiB.
const DefaultMemoryBytes = 1 << 30

// Memory keeps stored responses ready to be served, bounded by bytes. It is safe
// for concurrent use. Of a header it keeps the lines only: they are what a hit sends,
// and a map would take as much as all the rest of a small response's head. Whoever
// needs the map, gets one made of them.
//
// It is ristretto behind an adapter, since ristretto's writes are queued and may
// be dropped: here what Set stored is found by the next Get, and nothing is lost
// while there is room.
type Memory struct {
	cache *ristretto.Cache[uint64, *Response]
	seed  maphash.Seed
	bytes int64
	lost  func(*Response, Loss)
	gone  func(*Response)

	// mu is held while ristretto works off a write, so there is never more than
	// one in its queue. It protects losses and quiet.
	mu     sync.Mutex
	losses []loss // of the write under way
	quiet  bool   // everything is dropped on purpose

	// gates are held by Gets for reading, since ristretto panics when it is closed
	// during one. There are several so that Gets do not wait for each other's cache
	// line. They protect closed.
	gates  [16]gate
	closed bool
}

type loss struct {
	r   *Response
	why Loss
}

type gate struct {
	sync.RWMutex
	_ [40]byte // a cache line of its own
}

// NewMemory makes a Memory. It starts two goroutines, which Close ends.
func NewMemory(o MemoryOptions) (*Memory, error) {
	if o.Bytes == 0 {
		o.Bytes = DefaultMemoryBytes
	}
	if o.Bytes < 0 {
		return nil, fmt.Errorf("memory for stored responses: %d bytes is less than nothing", o.Bytes)
	}
	m := &Memory{seed: maphash.MakeSeed(), bytes: o.Bytes, lost: o.Lost, gone: o.gone}
	cache, err := ristretto.NewCache(&ristretto.Config[uint64, *Response]{
		NumCounters:        counters(o.Bytes),
		MaxCost:            o.Bytes,
		BufferItems:        64,
		IgnoreInternalCost: true, // it is in costBytes
		OnEvict:            func(i *ristretto.Item[*Response]) { m.note(i.Value, Evicted) },
		OnReject:           func(i *ristretto.Item[*Response]) { m.note(i.Value, Refused) },
		OnExit:             m.exit,
		// Nothing has a TTL here. Looking for ended ones every 2.5 s, as is usual,
		// makes a year in a test's bubble take half a minute; now it is 136 years.
		TtlTickerDurationInSec: 1 << 33,
		KeyToHash:              func(h uint64) (uint64, uint64) { return h, 0 },
	})
	if err != nil {
		return nil, fmt.Errorf("memory for stored responses: %w", err)
	}
	m.cache = cache
	return m, nil
}

// counters is how many read counters ristretto keeps: one for each 4 KiB, a few
// for each response of common size. A million take about 5 MiB.
func counters(bytes int64) int64 { return min(max(bytes/4096, 1<<10), 1<<23) }

// note is called by ristretto's goroutine while the writer waits for it.
func (m *Memory) note(r *Response, why Loss) {
	if r != nil && !m.quiet {
		m.losses = append(m.losses, loss{r, why})
	}
}

// exit is called by ristretto for each response that leaves it.
func (m *Memory) exit(r *Response) {
	if r == nil {
		return
	}
	if b, ok := r.Body.(*fileBody); ok {
		b.name.unuse()
	}
	if m.gone != nil {
		m.gone(r)
	}
}

// Get finds the stored response with this key, or nil.
func (m *Memory) Get(key string) *Response {
	if r := m.get(maphash.String(m.seed, key), key); r != nil {
		return r.Whole()
	}
	return nil
}

// Look is Get for a hit: without the header, which costs the most. It does not
// allocate.
func (m *Memory) Look(key []byte) *Response {
	h := maphash.Bytes(m.seed, key)
	r := m.find(h)
	if r == nil || r.Stored.Key != string(key) {
		return nil
	}
	return r
}

// get compares the whole key: two keys with one hash are told apart.
func (m *Memory) get(h uint64, key string) *Response {
	r := m.find(h)
	if r == nil || r.Stored.Key != key {
		return nil
	}
	return r
}

func (m *Memory) find(h uint64) *Response {
	g := &m.gates[h%uint64(len(m.gates))]
	g.RLock()
	var r *Response
	if !m.closed {
		r, _ = m.cache.Get(h)
	}
	g.RUnlock()
	return r
}

// Set stores r under its key in place of what was there, and reports whether it is
// kept. If it is not, nothing is stored under the key.
func (m *Memory) Set(r *Response) bool { return m.set(maphash.String(m.seed, r.Stored.Key), r) }

func (m *Memory) set(h uint64, r *Response) bool {
	if b, ok := r.Body.(*fileBody); ok {
		b.name.use()
	}
	m.mu.Lock()
	kept := m.put(h, r.of())
	losses := m.losses
	m.losses = nil
	m.mu.Unlock()
	if m.lost != nil {
		for _, l := range losses {
			m.lost(l.r, l.why)
		}
	}
	return kept
}

// put needs mu. It asks ristretto only for what can be kept: a value larger than
// the capacity would be taken as an update, and a larger update overdraws it.
func (m *Memory) put(h uint64, r *Response) bool {
	cost := r.costBytes()
	if m.closed || cost > m.bytes {
		m.remove(h)
		m.note(r, TooLarge)
		m.exit(r)
		return false
	}
	if old := m.find(h); old != nil && cost-old.costBytes() > m.cache.RemainingCost() {
		m.remove(h)
	}
	for !m.cache.Set(h, r, cost) {
		m.cache.Wait()
	}
	m.cache.Wait()
	return m.find(h) == r
}

func (m *Memory) remove(h uint64) {
	m.cache.Del(h)
	m.cache.Wait()
}

// Delete forgets the response with this key.
func (m *Memory) Delete(key string) { m.delete(maphash.String(m.seed, key), key, nil) }

// delete forgets the response with this key, if its body is in the given file or
// if that is nil.
func (m *Memory) delete(h uint64, key string, file *fileName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.get(h, key)
	if r == nil {
		return
	}
	if b, ok := r.Body.(*fileBody); file == nil || ok && b.name == file {
		m.remove(h)
	}
}

func (m *Memory) deleteFile(key string, file *fileName) {
	m.delete(maphash.String(m.seed, key), key, file)
}

// Clear forgets everything.
func (m *Memory) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	m.quiet = true
	m.cache.Clear()
	m.quiet = false
}

// All lists what is stored at the moment of the call, in no particular order. It
// takes eight bytes for each stored response.
func (m *Memory) All() iter.Seq[*Response] {
	return func(yield func(*Response) bool) {
		// ristretto holds a lock while it lists: so first the list, then the calls.
		var all []*Response
		m.mu.Lock()
		if !m.closed {
			m.cache.IterValues(func(r *Response) bool {
				all = append(all, r)
				return false
			})
		}
		m.mu.Unlock()
		for _, r := range all {
			if !yield(r.Whole()) {
				return
			}
		}
	}
}

// UsedBytes is how much of the memory is taken, as counted.
func (m *Memory) UsedBytes() int64 { return m.bytes - m.cache.RemainingCost() }

// Close forgets everything and ends the goroutines. Afterwards nothing is found
// and nothing is kept.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errors.New("memory for stored responses: closed twice")
	}
	for i := range m.gates {
		m.gates[i].Lock()
	}
	m.closed = true
	for i := range m.gates {
		m.gates[i].Unlock()
	}
	m.quiet = true
	m.cache.Close()
	return nil
}
