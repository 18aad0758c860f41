package store

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
)

// inFile is a response whose body is in a file of s.
func inFile(t *testing.T, s *Store, key, body string) *Response {
	t.Helper()
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

func TestBodyFilesGoWhenNobodyUsesThem(t *testing.T) {
	rows := []struct {
		name string
		act  func(s *Store, r *Response)
		left int
	}{
		{"deleted", func(s *Store, r *Response) { s.Delete("k") }, 0},
		{"forgotten", func(s *Store, r *Response) { s.Forget(0) }, 0},
		{"replaced by a body in memory", func(s *Store, r *Response) { s.Set(stored("k", "x")) }, 0},
		{"replaced by another file", func(s *Store, r *Response) { s.Set(inFile(t, s, "k", "another")) }, 1},
		{"refreshed, same body", func(s *Store, r *Response) { s.Set(NewResponse(r.Stored, r.Body)) }, 1},
		{"still stored", func(s *Store, r *Response) {}, 1},
	}
	for _, row := range rows {
		s := open(t, Options{})
		s.Set(inFile(t, s, "k", "large body"))
		r := s.Get("k")
		reader, err := r.Body.Open()
		if err != nil {
			t.Fatal(err)
		}
		row.act(s, r)
		dir, _ := s.shelf.directory()
		if got := files(t, dir); len(got) != row.left {
			t.Errorf("%s: left are %q, want %d", row.name, got, row.left)
		}
		if b, err := io.ReadAll(reader); err != nil || string(b) != "large body" {
			t.Errorf("%s: who was reading got %q %v", row.name, b, err)
		}
		reader.Close()
		// A viewer may have found it before and open it only now.
		if got := text(t, r); got != "large body" {
			t.Errorf("%s: who had found it got %q", row.name, got)
		}
	}
}

func TestEvictedBodyFilesGo(t *testing.T) {
	s := open(t, Options{MemoryBytes: 20 << 10})
	for i := range 100 {
		s.Set(inFile(t, s, strings.Repeat("k", i+1), "large body"))
	}
	listed := 0
	for range s.All() {
		listed++
	}
	dir, _ := s.shelf.directory()
	if got := len(files(t, dir)); got != listed || listed == 100 || listed == 0 {
		t.Errorf("%d files for %d stored responses", got, listed)
	}
	if s.shelf.order.Len() != listed || s.shelf.bytes != int64(listed)*int64(len("large body")) {
		t.Errorf("the shelf counts %d files of %d bytes, want %d", s.shelf.order.Len(), s.shelf.bytes, listed)
	}
}

func TestBodyFilesAreBounded(t *testing.T) {
	s := open(t, Options{FileBytes: 35})
	for _, k := range []string{"1", "2", "3", "4", "5"} {
		s.Set(inFile(t, s, k, "ten bytes."))
	}
	dir, _ := s.shelf.directory()
	if got := len(files(t, dir)); got != 3 {
		t.Errorf("%d files, want 3", got)
	}
	for _, k := range []string{"1", "2"} {
		if s.Get(k) != nil {
			t.Errorf("%s should have gone first", k)
		}
	}
	s.Set(stored("6", "in memory"))
	if s.Set(inFile(t, s, "6", strings.Repeat("x", 36))) || s.Get("6") != nil {
		t.Error("kept a body larger than all may be, or what it replaced")
	}
	for _, k := range []string{"3", "4", "5"} {
		if text(t, s.Get(k)) != "ten bytes." {
			t.Errorf("%s is gone", k)
		}
	}
}

// A body that was finished but never stored has no other owner.
func TestABodyNobodyStoredIsCollected(t *testing.T) {
	dir := t.TempDir()
	func() {
		s := NewSpool(-1, dir)
		s.Write([]byte("x"))
		s.Finish()
	}()
	if len(files(t, dir)) != 1 {
		t.Fatal("there is no file to collect")
	}
	for len(files(t, dir)) > 0 {
		runtime.GC() // a cleanup runs some time after it
	}
}

func TestLastingBodyFiles(t *testing.T) {
	const large = "a large body"
	lasting := func(t *testing.T) (Options, *Store) {
		o := Options{Behind: httpcache.NewMemoryCache(), Dir: filepath.Join(t.TempDir(), "bodies"), LargeBytes: 4}
		s := open(t, o)
		s.Set(inFile(t, s, "k", large))
		return o, s
	}
	t.Run("outlive eviction from memory", func(t *testing.T) {
		_, s := lasting(t)
		s.memory.Clear()
		if got := text(t, s.Get("k")); got != large {
			t.Errorf("got %q", got)
		}
	})
	t.Run("go when the response is replaced or deleted, in memory or not", func(t *testing.T) {
		for _, evicted := range []bool{false, true} {
			o, s := lasting(t)
			if evicted {
				s.memory.Clear()
			}
			s.Set(stored("k", "new"))
			if got := files(t, o.Dir); len(got) > 0 {
				t.Errorf("replaced, evicted %v: left are %q", evicted, got)
			}
			s.Set(inFile(t, s, "k", large))
			s.Delete("k")
			if got := files(t, o.Dir); len(got) > 0 {
				t.Errorf("deleted, evicted %v: left are %q", evicted, got)
			}
		}
	})
	t.Run("of an epoch that is over go at the start, as what was cut does", func(t *testing.T) {
		o, _ := lasting(t)
		if err := os.WriteFile(filepath.Join(o.Dir, "spool-1.part"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		o.Behind = httpcache.NewMemoryCache()
		open(t, o)
		if got := files(t, o.Dir); len(got) > 0 {
			t.Errorf("left are %q", got)
		}
	})
	t.Run("are counted at the start", func(t *testing.T) {
		o, _ := lasting(t)
		o.FileBytes = int64(len(large)) - 1
		if got := text(t, open(t, o).Get("k")); got != "nothing" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("what is cut, gone or no body file is a miss", func(t *testing.T) {
		rows := []struct {
			name  string
			spoil func(o Options, file string)
		}{
			{"gone", func(o Options, file string) { os.Remove(file) }},
			{"cut", func(o Options, file string) { os.Truncate(file, 3) }},
			{"another name", func(o Options, file string) { os.Rename(file, file+"x") }},
		}
		for _, row := range rows {
			o, s := lasting(t)
			s.memory.Clear()
			row.spoil(o, filepath.Join(o.Dir, files(t, o.Dir)[0]))
			if got := text(t, open(t, o).Get("k")); got != "nothing" {
				t.Errorf("%s: got %q", row.name, got)
			}
		}
	})
	t.Run("a value that names a file elsewhere is a miss", func(t *testing.T) {
		o, s := lasting(t)
		outside := filepath.Join(filepath.Dir(o.Dir), "secret")
		if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.memory.Clear()
		r := NewResponse(&cachepolicy.Stored{Key: "k", Status: 200}, BytesBody([]byte("secret")))
		for _, name := range []string{"../secret", outside, "x"} {
			value, err := encode(s.state.Epoch, r, name)
			if err != nil {
				t.Fatal(err)
			}
			o.Behind.Set(cachepolicy.KeyOf("k").Hash(), value)
			if got := text(t, s.Get("k")); got != "nothing" {
				t.Errorf("file %q: got %q", name, got)
			}
		}
	})
	t.Run("up to the limit a body goes behind as bytes and needs no file", func(t *testing.T) {
		o := Options{Behind: httpcache.NewMemoryCache(), LargeBytes: 100}
		s := open(t, o)
		s.Set(inFile(t, s, "k", large))
		if got := text(t, open(t, Options{Behind: o.Behind}).Get("k")); got != large {
			t.Errorf("got %q", got)
		}
	})
	t.Run("without a lasting directory a larger one is not behind, nor what it replaced", func(t *testing.T) {
		o := Options{Behind: httpcache.NewMemoryCache(), LargeBytes: 4}
		s := open(t, o)
		s.Set(stored("k", "old"))
		s.Set(inFile(t, s, "k", large))
		if got := text(t, s.Get("k")); got != large {
			t.Errorf("here: got %q", got)
		}
		if got := text(t, open(t, o).Get("k")); got != "nothing" {
			t.Errorf("behind: got %q", got)
		}
	})
}
