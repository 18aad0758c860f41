package store

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gregjones/httpcache"
	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

func anyResponse(t *rapid.T) *Response {
	text := rapid.StringMatching(`[ -~\x80-\xff]{0,20}`)
	raw := rapid.Custom(func(t *rapid.T) string { // what need not be UTF-8
		b := rapid.SliceOfN(rapid.ByteRange(0x20, 0xff), 0, 20).Draw(t, "bytes")
		return strings.ReplaceAll(string(b), "\x7f", "")
	})
	at := func(name string) time.Time {
		return time.Unix(0, rapid.Int64Range(0, 1<<62).Draw(t, name)).UTC()
	}
	h := http.Header{}
	for range rapid.IntRange(0, 12).Draw(t, "fields") {
		name := http.CanonicalHeaderKey(rapid.StringMatching(`[A-Za-z][A-Za-z0-9-]{0,12}`).Draw(t, "name"))
		h[name] = rapid.SliceOfN(raw, 1, 3).Draw(t, "values")
	}
	s := &cachepolicy.Stored{
		Key: "d " + raw.Draw(t, "key"), URI: raw.Draw(t, "uri"), Tags: rapid.SliceOfN(text, 1, 3).Draw(t, "tags"),
		Head: rapid.Bool().Draw(t, "head"), Status: rapid.IntRange(200, 599).Draw(t, "status"), Header: h,
		Received: at("received"), QuietUntil: at("quiet"),
		Freshness: cachepolicy.Freshness{Lifetime: time.Duration(rapid.Int64().Draw(t, "lifetime"))},
		Mark:      rapid.Uint64().Draw(t, "mark"),
	}
	// On both sides of smallBody, where decoding changes from a copy to a piece.
	size := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(smallBody-2, smallBody+2)).Draw(t, "size")
	body := make([]byte, size)
	rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	for i := range body {
		body[i] = byte(rnd.Uint32())
	}
	return NewResponse(s, BytesBody(body))
}

// Law 1, the store's part of it: the same bytes out, on every store, from memory
// and from behind.
func TestLaw1SameBytesFromEveryStore(t *testing.T) {
	specs := map[string]string{
		"memory": "memory:", "disk": "disk:" + t.TempDir(), "leveldb": "leveldb:" + t.TempDir(),
	}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			behind, err := Open(spec)
			if err != nil {
				t.Fatal(err)
			}
			defer CloseCache(behind)
			sameBytes(t, behind)
		})
	}
	t.Run("redis", func(t *testing.T) {
		address := start(t, "redis-server", func(port string) []string {
			return []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}
		})
		behind, err := Open("redis://" + address)
		if err != nil {
			t.Fatal(err)
		}
		defer CloseCache(behind)
		sameBytes(t, behind)
	})
	t.Run("memcached", func(t *testing.T) {
		behind := openMemcachedServer(t)
		sameBytes(t, behind)
	})
}

func openMemcachedServer(t *testing.T) httpcache.Cache {
	t.Helper()
	behind, err := Open("memcached://" + start(t, "memcached", func(port string) []string {
		return []string{"-l", "127.0.0.1", "-p", port, "-U", "0", "-u", "nobody"}
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { CloseCache(behind) })
	return behind
}

func sameBytes(t *testing.T, behind httpcache.Cache) {
	s := open(t, Options{Behind: behind})
	rapid.Check(t, func(rt *rapid.T) {
		r := anyResponse(rt)
		s.Set(r)
		if got := s.Get(r.Stored.Key); !same(got, r) {
			rt.Fatalf("memory does not give back what it was given: %v", got)
		}
		s.memory.Clear()
		got := s.Get(r.Stored.Key)
		if got == nil {
			rt.Fatalf("not behind")
		}
		if !reflect.DeepEqual(got.Stored, r.Stored) {
			rt.Errorf("head\ngot  %+v\nwant %+v", got.Stored, r.Stored)
		}
		if string(got.Head) != string(r.Head) || string(got.Body.Bytes()) != string(r.Body.Bytes()) {
			rt.Errorf("got  %q %d bytes\nwant %q %d bytes", got.Head, got.Body.Len(), r.Head, r.Body.Len())
		}
	})
}

// Law 4: nothing stored is ever modified. Everything a response points to is
// compared with what it was, while others store, read, refresh and forget.
func TestLaw4NothingStoredIsModified(t *testing.T) {
	s := open(t, Options{MemoryBytes: 256 << 10, Behind: httpcache.NewMemoryCache()})
	print := func(r *Response) string {
		return fmt.Sprintf("%+v %q %q", *r.Stored, r.Head, r.Body.Bytes())
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 7))
			for i := range 200 {
				key := strconv.Itoa(rnd.IntN(20))
				r := s.Get(key)
				if r == nil {
					s.Set(NewResponse(&cachepolicy.Stored{Key: key, URI: key, Status: 200,
						Header: http.Header{"Etag": {strconv.Itoa(i)}}}, BytesBody([]byte(strings.Repeat(key, 2000)))))
					continue
				}
				before := print(r)
				switch refreshed := *r.Stored; rnd.IntN(4) {
				case 0:
					refreshed.Mark++
					s.Set(NewResponse(&refreshed, r.Body))
				case 1:
					s.Delete(key)
				case 2:
					s.memory.Clear()
				}
				if after := print(r); after != before || !strings.HasPrefix(string(r.Body.Bytes()), key) {
					t.Errorf("key %s changed\nfrom %s\nto   %s", key, before, after)
				}
			}
		})
	}
	wg.Wait()
}

// What looks behind or changes something has the key for itself. Otherwise a load
// under way could put an old response over a new one.
func TestWhatIsBehindIsUsedByOneAtATime(t *testing.T) {
	behind := httpcache.NewMemoryCache()
	open(t, Options{Behind: behind}).Set(stored("k", "old"))
	s := open(t, Options{Behind: behind})
	watched := &watchedStore{Cache: behind}
	watched.seen = func() {
		watched.calls++
		if mu := &s.keys[s.stripe("k")]; mu.TryLock() {
			mu.Unlock()
			t.Error("the store behind is used without the lock of the key")
		}
	}
	s.behind = watched
	first := s.load("k")
	if again := s.load("k"); !same(again, first) || watched.calls != 1 {
		t.Errorf("decoded %d times, want once", watched.calls)
	}
	s.Set(stored("k", "new"))
	s.Delete("k")
	if watched.calls != 4 {
		t.Errorf("%d calls, want one more for each Delete and the Set", watched.calls)
	}
}

// watchedStore calls seen before anything else.
type watchedStore struct {
	httpcache.Cache
	seen  func()
	calls int
}

func (w *watchedStore) Get(key string) ([]byte, bool) { w.seen(); return w.Cache.Get(key) }
func (w *watchedStore) Set(key string, b []byte)      { w.seen(); w.Cache.Set(key, b) }
func (w *watchedStore) Delete(key string)             { w.seen(); w.Cache.Delete(key) }

// A value larger than memcached's -I does not come back, and neither does what was
// there before it.
func TestMemcachedRefusesLargeValues(t *testing.T) {
	behind := openMemcachedServer(t)
	s := open(t, Options{Behind: behind})
	s.Set(stored("k", "small"))
	s.Set(stored("k", strings.Repeat("x", 2<<20)))
	s.memory.Clear()
	if got := s.Get("k"); got != nil {
		t.Errorf("got %d bytes, want a miss", got.Body.Len())
	}
	s.Set(stored("k", "small again"))
	s.memory.Clear()
	if got := text(t, s.Get("k")); got != "small again" {
		t.Errorf("after the refusal: got %q", got)
	}
}

// A store that is full keeps what it had. Nothing older than what was set last
// may come back from it.
func TestARedisThatIsFull(t *testing.T) {
	address := start(t, "redis-server", func(port string) []string {
		return []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
			"--dir", t.TempDir(), "--maxmemory", "3mb", "--maxmemory-policy", "noeviction"}
	})
	behind, err := Open("redis://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer CloseCache(behind)
	s := open(t, Options{Behind: behind})
	s.Set(stored("k", "old"))
	for i := range 40 {
		s.Set(stored(strconv.Itoa(i), strings.Repeat("x", 128<<10)))
	}
	s.Set(stored("k", strings.Repeat("new", 64<<10)))
	s.memory.Clear()
	if got := text(t, s.Get("k")); strings.HasPrefix(got, "old") {
		t.Errorf("got %q, which was replaced", got)
	}
}

func TestValueKeepsEveryFieldOfAHead(t *testing.T) {
	r := NewResponse(filledStored(t), BytesBody([]byte("hello")))
	value, err := encode(1, r, "")
	if err != nil {
		t.Fatal(err)
	}
	s, _, _, err := decode(value, r.Stored.Key, 1)
	if err != nil || !reflect.DeepEqual(s, r.Stored) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, s, r.Stored)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, filepath.Base(e.Name()))
	}
	return names
}
