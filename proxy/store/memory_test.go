package store

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

func memory(t testing.TB, o MemoryOptions) *Memory {
	t.Helper()
	m, err := NewMemory(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func response(key, body string) *Response {
	return NewResponse(&cachepolicy.Stored{Key: key, Status: 200}, BytesBody([]byte(body)))
}

// same reports whether got is what was stored as r: memory gives back copies, whose
// strings lie in the same block.
func same(got, r *Response) bool {
	return got != nil && unsafe.StringData(got.Stored.Key) == unsafe.StringData(r.Stored.Key)
}

func TestMemoryFindsWhatItWasGiven(t *testing.T) {
	m := memory(t, MemoryOptions{})
	for i := range 2000 {
		key := strconv.Itoa(i)
		first, second := response(key, "1"), response(key, "2")
		if !m.Set(first) || !same(m.Get(key), first) {
			t.Fatalf("key %s: not found right after Set", key)
		}
		if !m.Set(second) || !same(m.Get(key), second) || !same(m.Look([]byte(key)), second) {
			t.Fatalf("key %s: the second Set was lost", key)
		}
		if i%2 == 0 {
			m.Delete(key)
			if m.Get(key) != nil {
				t.Fatalf("key %s: found after Delete", key)
			}
		}
	}
	if got := len(slices.Collect(m.All())); got != 1000 {
		t.Errorf("listed %d responses, want 1000", got)
	}
	m.Clear()
	if got := len(slices.Collect(m.All())); got != 0 || m.Get("1") != nil || m.UsedBytes() != 0 {
		t.Errorf("after Clear: %d responses, %d bytes", got, m.UsedBytes())
	}
}

// The queue of ristretto takes 32,768 writes and drops the rest.
func TestMemoryLosesNothingWhileThereIsRoom(t *testing.T) {
	m := memory(t, MemoryOptions{Lost: func(r *Response, why Loss) { t.Errorf("lost %s: %s", r.Stored.Key, why) }})
	var wg sync.WaitGroup
	const each = 10_000
	for w := range 4 {
		wg.Go(func() {
			for i := range each {
				m.Set(response(fmt.Sprintf("%d/%d", w, i), "x"))
			}
		})
	}
	wg.Wait()
	for w := range 4 {
		for i := range each {
			if key := fmt.Sprintf("%d/%d", w, i); m.Get(key) == nil {
				t.Fatalf("%s is lost", key)
			}
		}
	}
}

func TestMemoryTellsCollidingKeysApart(t *testing.T) {
	m := memory(t, MemoryOptions{})
	a, b := response("a", "of a"), response("b", "of b")
	const hash = 42
	m.set(hash, a)
	if got := m.get(hash, "b"); got != nil {
		t.Errorf("b has the hash of a: got %q", got.Body.Bytes())
	}
	m.delete(hash, "b", nil)
	if !same(m.get(hash, "a"), a) {
		t.Error("deleting b removed a, which has its hash")
	}
	m.set(hash, b)
	if !same(m.get(hash, "b"), b) || m.get(hash, "a") != nil {
		t.Error("b did not take the place of a, which has its hash")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	const room = 100 << 10
	var lost []Loss
	m := memory(t, MemoryOptions{Bytes: room, Lost: func(_ *Response, why Loss) { lost = append(lost, why) }})
	body := string(make([]byte, 4<<10))
	kept := 0
	for i := range 200 {
		if m.Set(response(strconv.Itoa(i), body)) {
			kept++
		}
		if m.UsedBytes() > room {
			t.Fatalf("%d bytes used of %d", m.UsedBytes(), room)
		}
	}
	listed := len(slices.Collect(m.All()))
	if listed == 0 || listed+len(lost) != 200 {
		t.Errorf("200 given: %d listed, %d reported lost", listed, len(lost))
	}
	if kept < listed {
		t.Errorf("%d listed, but Set kept only %d", listed, kept)
	}
}

func TestMemoryRefusesWhatCannotFit(t *testing.T) {
	const room = 100 << 10
	rows := []struct {
		name  string
		first int // bytes of an earlier body under the key; 0: none
		then  int
		kept  bool
	}{
		{"a new one larger than everything", 0, room, false},
		{"an update larger than everything removes the old one", 10, room, false},
		{"an update that fits", 10, room / 2, true},
		{"a smaller update", room / 2, 10, true},
	}
	for _, row := range rows {
		var lost []Loss
		m := memory(t, MemoryOptions{Bytes: room, Lost: func(_ *Response, why Loss) { lost = append(lost, why) }})
		if row.first > 0 {
			m.Set(response("k", string(make([]byte, row.first))))
		}
		r := response("k", string(make([]byte, row.then)))
		kept := m.Set(r)
		if kept != row.kept || kept != same(m.Get("k"), r) || !kept && m.Get("k") != nil {
			t.Errorf("%s: kept %v, found %v", row.name, kept, m.Get("k"))
		}
		if !row.kept && !slices.Equal(lost, []Loss{TooLarge}) {
			t.Errorf("%s: reported %v", row.name, lost)
		}
	}
}

// An update that grows is not refused by ristretto but overdraws it.
func TestMemoryUpdatesStayWithinTheBound(t *testing.T) {
	const room = 100 << 10
	m := memory(t, MemoryOptions{Bytes: room})
	rapid.Check(t, func(t *rapid.T) {
		key := strconv.Itoa(rapid.IntRange(0, 30).Draw(t, "key"))
		size := rapid.IntRange(0, room/2).Draw(t, "size")
		r := response(key, string(make([]byte, size)))
		if kept := m.Set(r); kept != same(m.Get(key), r) {
			t.Fatalf("Set(%s, %d bytes) said %v", key, size, kept)
		}
		if m.UsedBytes() > room || m.UsedBytes() < 0 {
			t.Fatalf("%d bytes used of %d", m.UsedBytes(), room)
		}
	})
}

// Law 4: nothing stored is ever modified. The readers here are shown by the race
// detector to share values with nobody who writes.
func TestMemoryIsSafeForConcurrentUse(t *testing.T) {
	m, err := NewMemory(MemoryOptions{Bytes: 200 << 10})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			for range 500 {
				key := strconv.Itoa(rnd.IntN(40))
				switch rnd.IntN(10) {
				case 0:
					m.Delete(key)
				case 1:
					for r := range m.All() {
						_ = r.Stored.Key
					}
				case 2, 3, 4:
					m.Set(response(key, key+string(make([]byte, rnd.IntN(16<<10)))))
				default:
					if r := m.Get(key); r != nil && (r.Stored.Key != key || string(r.Body.Bytes()[:len(key)]) != key) {
						t.Errorf("asked for %s, got %s", key, r.Stored.Key)
					}
				}
			}
		})
	}
	wg.Go(func() { m.Clear(); m.Close() })
	wg.Wait()
	if m.Get("1") != nil || m.Set(response("1", "")) {
		t.Error("a closed memory keeps things")
	}
}

func TestMemoryForgetsOnPurpose(t *testing.T) {
	lost := 0
	m, err := NewMemory(MemoryOptions{Lost: func(*Response, Loss) { lost++ }})
	if err != nil {
		t.Fatal(err)
	}
	m.Set(response("a", "x"))
	m.Clear()
	m.Set(response("a", "x"))
	m.Delete("a")
	m.Set(response("a", "x"))
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if lost > 0 {
		t.Errorf("%d losses reported for what was cleared, deleted and closed", lost)
	}
	if err := m.Close(); err == nil {
		t.Error("closed twice without an error")
	}
}

func TestMemoryEndsInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := NewMemory(MemoryOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m.Set(response("a", "x"))
		time.Sleep(100 * 365 * 24 * time.Hour) // of fake time: nothing has a TTL here
		if m.Get("a") == nil {
			t.Error("it went away by itself")
		}
		m.Close()
	})
}

func TestMemoryLookAllocatesNothing(t *testing.T) {
	m := memory(t, MemoryOptions{})
	key := "d111111abcdef8.cloudfront.net /images/1.jpg\nAccept-Encoding: br,gzip"
	m.Set(response(key, "x"))
	b := []byte(key)
	if n := testing.AllocsPerRun(1000, func() { m.Look(b) }); n != 0 {
		t.Errorf("Look: %v allocations", n)
	}
}

// object is what a common origin says about a file of 1 KiB.
func object(i int) *Response {
	key := "d111111abcdef8.cloudfront.net /assets/img/" + strconv.Itoa(i) + ".jpg"
	head := &cachepolicy.Stored{
		Key: key, URI: key[len("d111111abcdef8.cloudfront.net "):], Status: 200,
		Header: http.Header{
			"Content-Type":   {"image/jpeg"},
			"Content-Length": {"1024"},
			"Cache-Control":  {"max-age=3600"},
			"Etag":           {`"` + strconv.Itoa(i) + `-5f1d"`},
			"Date":           {"Mon, 02 Nov 2026 10:00:00 GMT"},
			"Last-Modified":  {"Sun, 01 Nov 2026 10:00:00 GMT"},
		},
		Received: time.Unix(1793613600, 0).UTC(), Freshness: cachepolicy.Freshness{Lifetime: time.Hour},
	}
	return NewResponse(head, BytesBody(make([]byte, 1024)))
}

// heapPerEntry is how much the heap grows for each of n objects, in bytes.
func heapPerEntry(t testing.TB, n int) (heap, counted int64) {
	m := memory(t, MemoryOptions{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range n {
		m.Set(object(i))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	counted = m.UsedBytes() / int64(n)
	runtime.KeepAlive(m)
	return int64(after.HeapAlloc-before.HeapAlloc) / int64(n), counted
}

func TestCostIsWhatAnEntryTakes(t *testing.T) {
	heap, counted := heapPerEntry(t, 20_000)
	if heap > 1800 { // 1,650 to 1,750, as the table has to grow
		t.Errorf("an object of 1 KiB takes %d bytes of heap, want at most 1800", heap)
	}
	if counted < heap*9/10 || counted > heap*11/10 {
		t.Errorf("counted %d bytes for an entry that takes %d", counted, heap)
	}
}

func BenchmarkBytesPerObject(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var heap, counted int64
			for b.Loop() {
				heap, counted = heapPerEntry(b, n)
			}
			b.ReportMetric(float64(heap), "heap-B/object")
			b.ReportMetric(float64(counted), "counted-B/object")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkMemoryGet(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		m := memory(b, MemoryOptions{})
		keys := make([][]byte, n)
		for i := range n {
			r := object(i)
			keys[i] = []byte(r.Stored.Key)
			m.Set(r)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if m.Look(keys[i]) == nil {
					b.Fatal("lost")
				}
				if i++; i == n {
					i = 0
				}
			}
		})
		b.Run(strconv.Itoa(n)+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.IntN(n); pb.Next(); i = (i + 7) % n {
					if m.Look(keys[i]) == nil {
						b.Error("lost")
					}
				}
			})
		})
	}
}

func BenchmarkMemorySet(b *testing.B) {
	m := memory(b, MemoryOptions{})
	rs := make([]*Response, 1000)
	for i := range rs {
		rs[i] = object(i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Set(rs[i%len(rs)])
		i++
	}
}

func BenchmarkNewResponse(b *testing.B) { benchmarkResponse(b, NewResponse) }

func BenchmarkPack(b *testing.B) { benchmarkResponse(b, Pack) }

func benchmarkResponse(b *testing.B, made func(*cachepolicy.Stored, Body) *Response) {
	s := object(1).Stored
	body := BytesBody(make([]byte, 1024))
	b.ReportAllocs()
	for b.Loop() {
		made(s, body)
	}
}
