package store

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
)

func open(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func stored(key, body string) *Response {
	return NewResponse(&cachepolicy.Stored{Key: key, URI: key, Status: 200}, BytesBody([]byte(body)))
}

func text(t *testing.T, r *Response) string {
	t.Helper()
	if r == nil {
		return "nothing"
	}
	f, err := r.Body.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStoreBehindMemory(t *testing.T) {
	t.Run("what one wrote another finds, in memory from then on", func(t *testing.T) {
		behind := httpcache.NewMemoryCache()
		first := open(t, Options{Behind: behind})
		first.Set(stored("k", "body"))
		second := open(t, Options{Behind: behind})
		if got := text(t, second.Get("k")); got != "body" {
			t.Fatalf("got %q", got)
		}
		if second.memory.Get("k") == nil {
			t.Error("it was not brought into memory")
		}
		if second.Get("other") != nil {
			t.Error("another key was found")
		}
	})
	t.Run("deleted is gone in both", func(t *testing.T) {
		behind := httpcache.NewMemoryCache()
		s := open(t, Options{Behind: behind})
		s.Set(stored("k", "body"))
		s.Delete("k")
		if got := text(t, open(t, Options{Behind: behind}).Get("k")); got != "nothing" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("forgotten is never used again, though it cannot be listed behind", func(t *testing.T) {
		behind := httpcache.NewMemoryCache()
		s := open(t, Options{Behind: behind})
		s.Set(stored("k", "body"))
		if err := s.Forget(0); err != nil {
			t.Fatal(err)
		}
		if got := text(t, s.Get("k")); got != "nothing" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("law 3: invalidations outlive the process, and with a lost list everything behind is lost", func(t *testing.T) {
		behind := httpcache.NewMemoryCache()
		s := open(t, Options{Behind: behind})
		want := Record{Invalidation: cachepolicy.Invalidation{ID: "I1", Items: []string{"/*"}}, Scope: "d", Effective: time.Unix(1, 0).UTC()}
		if _, err := s.AppendInvalidation(want); err != nil {
			t.Fatal(err)
		}
		s.Set(stored("k", "body"))
		again := open(t, Options{Behind: behind})
		got, err := again.LoadInvalidations()
		if err != nil || len(got.List) != 1 || got.List[0].ID != "I1" || !got.List[0].Effective.Equal(want.Effective) {
			t.Errorf("got %+v %v", got, err)
		}
		behind.Delete(stateKey)
		if got := text(t, open(t, Options{Behind: behind}).Get("k")); got != "nothing" {
			t.Errorf("without the list: got %q", got)
		}
	})
	t.Run("a list that is not kept behind is an error", func(t *testing.T) {
		s := open(t, Options{Behind: httpcache.NewMemoryCache()})
		s.behind = forgetful{}
		if _, err := s.AppendInvalidation(Record{}); err == nil || !strings.Contains(err.Error(), "did not keep it") {
			t.Errorf("got %v", err)
		}
	})
}

// forgetful is a store that is full.
type forgetful struct{}

func (forgetful) Get(string) ([]byte, bool) { return nil, false }
func (forgetful) Set(string, []byte)        {}
func (forgetful) Delete(string)             {}

func TestLargeBodiesStayInFiles(t *testing.T) {
	spooled := func(t *testing.T, s *Store, key, body string) *Response {
		sp := s.NewSpool(-1)
		if _, err := sp.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
		b, err := sp.Finish()
		if err != nil {
			t.Fatal(err)
		}
		return NewResponse(&cachepolicy.Stored{Key: key, URI: key, Status: 200}, b)
	}
	t.Run("they are served from there, and a reader outlives a deletion", func(t *testing.T) {
		s := open(t, Options{})
		s.Set(spooled(t, s, "k", "large body"))
		r := s.Get("k")
		if r == nil || r.Body.Bytes() != nil {
			t.Fatalf("got %+v, want a body in a file", r)
		}
		f, err := r.Body.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s.Delete("k")
		if b, err := io.ReadAll(f); string(b) != "large body" || err != nil {
			t.Errorf("after the deletion: got %q %v", b, err)
		}
		if s.Get("k") != nil {
			t.Error("it is still found")
		}
	})
	t.Run("in a lasting directory they are found by the next process", func(t *testing.T) {
		behind, dir := httpcache.NewMemoryCache(), t.TempDir()
		first, err := New(Options{Behind: behind, Dir: dir, LargeBytes: 4})
		if err != nil {
			t.Fatal(err)
		}
		first.Set(spooled(t, first, "k", "large body"))
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if got := text(t, open(t, Options{Behind: behind, Dir: dir, LargeBytes: 4}).Get("k")); got != "large body" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("the temporary directory goes with the store", func(t *testing.T) {
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		s.Set(spooled(t, s, "k", "large body"))
		dir, err := s.shelf.directory()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	})
}
