package store

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gregjones/httpcache"

	"staleproof/cachepolicy"
)

// values is a store behind that dies after some changes: what comes after them does
// not happen.
type values struct {
	kept  map[string][]byte
	alive func() bool // asked before each change; nil: it is
}

func (v *values) Get(key string) ([]byte, bool) { b, ok := v.kept[key]; return b, ok }

func (v *values) Set(key string, b []byte) {
	if v.alive == nil || v.alive() {
		v.kept[key] = b
	}
}

func (v *values) Delete(key string) {
	if v.alive == nil || v.alive() {
		delete(v.kept, key)
	}
}

// sizeable is an invalidation of which about eight make a page.
func sizeable(id string) Record {
	r := record(id)
	r.Sent = []string{"/" + strings.Repeat("x", pageBytes/8)}
	return r
}

// kept is the list that the next program finds there.
func kept(t *testing.T, behind httpcache.Cache) Records {
	t.Helper()
	list, err := open(t, Options{Behind: behind}).LoadInvalidations()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func appendTo(t *testing.T, s *Store, id string) {
	t.Helper()
	if more, err := s.AppendInvalidation(sizeable(id)); err != nil || ids(more) != id {
		t.Fatalf("append %s: got %s, %v", id, ids(more), err)
	}
}

func TestListOfManyPages(t *testing.T) {
	for name, spec := range map[string]string{"memory": "memory:", "disk": "disk:" + t.TempDir(), "leveldb": "leveldb:" + t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			behind, err := Open(spec)
			if err != nil {
				t.Fatal(err)
			}
			defer CloseCache(behind)
			s := open(t, Options{Behind: behind})
			var want []string
			for n := range 40 {
				appendTo(t, s, strconv.Itoa(n))
				want = append(want, strconv.Itoa(n))
				if got := kept(t, behind); ids(got.List) != strings.Join(want, " ") || got.First != 0 {
					t.Fatalf("after %d: the next program finds %d and %s", n+1, got.First, ids(got.List))
				}
				if n%10 == 9 { // go on with another
					s = open(t, Options{Behind: behind})
				}
			}
			appendTo(t, s, "last")
			list, err := s.LoadInvalidations()
			if err != nil || ids(list.List) != strings.Join(append(want, "last"), " ") || fmt.Sprint(list.List[0]) != fmt.Sprint(sizeable("0")) {
				t.Errorf("in the end got %s, %v, first %.200v", ids(list.List), err, list.List)
			}
		})
	}
}

// What an append writes is the same however many there are.
func TestAppendWritesNoMoreThanAPage(t *testing.T) {
	written, most := 0, 0
	behind := &watchedSizes{Cache: httpcache.NewMemoryCache(), written: &written}
	s := open(t, Options{Behind: behind})
	for n := range 2000 {
		before := written
		if _, err := s.AppendInvalidation(record(strconv.Itoa(n))); err != nil {
			t.Fatal(err)
		}
		if most = max(most, written-before); most > 2*pageBytes {
			t.Fatalf("invalidation %d wrote %d bytes, want %d at most", n, written-before, 2*pageBytes)
		}
	}
	if most < pageBytes {
		t.Errorf("none wrote more than %d bytes: there never was a whole page", most)
	}
}

type watchedSizes struct {
	httpcache.Cache
	written *int
}

func (w *watchedSizes) Set(key string, b []byte) { *w.written += len(b); w.Cache.Set(key, b) }

// A program that is killed between any two changes behind leaves what was
// acknowledged, and at most the one that it was about.
func TestKilledBetweenTwoWrites(t *testing.T) {
	const before, after = 20, 13 // a Forget is between them
	for dies := 0; ; dies++ {
		behind := &values{kept: map[string][]byte{}}
		s := open(t, Options{Behind: behind})
		s.Set(stored("k", "old"))
		left := dies
		behind.alive = func() bool { left--; return left >= 0 }

		// What may be found: with no more than one more than what was acknowledged.
		acknowledged, epoch := []string{}, "old"
		n, first := 0, uint64(0)
		add := func() bool {
			_, err := s.AppendInvalidation(sizeable(strconv.Itoa(n)))
			if err == nil {
				acknowledged = append(acknowledged, strconv.Itoa(n))
			}
			n++
			return err == nil
		}
		forgetting := false
		for n < before && add() {
		}
		if len(acknowledged) == before {
			forgetting = s.Forget(before+1) != nil
			if !forgetting {
				acknowledged, epoch, first = nil, "nothing", before+1
				for n < before+after && add() {
				}
			}
		}
		survived := left >= 0

		behind.alive = nil
		next := open(t, Options{Behind: behind})
		got, err := next.LoadInvalidations()
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Fields(ids(got.List))
		switch {
		case forgetting && len(all) == 0 && got.First == before+1:
			epoch = "nothing"
		case got.First != first, len(all) < len(acknowledged), len(all) > len(acknowledged)+1,
			!slices.Equal(all[:len(acknowledged)], acknowledged), len(all) > len(acknowledged) && all[len(all)-1] != strconv.Itoa(n-1):
			t.Fatalf("dead after %d changes: found %d and %q; %q were acknowledged, %d sent", dies, got.First, all, acknowledged, n)
		}
		if body := text(t, next.Get("k")); body != epoch {
			t.Fatalf("dead after %d changes: found %q stored, want %q", dies, body, epoch)
		}
		for i := range 10 { // and it goes on from there
			id := "next" + strconv.Itoa(i)
			appendTo(t, next, id)
			all = append(all, id)
		}
		if got := kept(t, behind); ids(got.List) != strings.Join(all, " ") {
			t.Fatalf("dead after %d changes, gone on with: got %s, want %q", dies, ids(got.List), all)
		}
		if survived {
			if dies < before+after+4 {
				t.Fatalf("all was done with %d changes: there were no pages", dies)
			}
			return
		}
	}
}

// A part that is cut, changed or lost takes the whole list along, with all that was
// stored under it: part of a list would bring back to life what the rest made
// unusable. It is no error, and what comes then is kept.
func TestDamagedList(t *testing.T) {
	whole := &values{kept: map[string][]byte{}}
	s := open(t, Options{Behind: whole})
	for n := range 6 {
		r := record(strconv.Itoa(n))
		r.Sent = []string{"/" + strings.Repeat("x", pageBytes/3)}
		if _, err := s.AppendInvalidation(r); err != nil {
			t.Fatal(err)
		}
	}
	epoch := s.state.Epoch
	if len(whole.kept) != 3 {
		t.Fatalf("%d values are behind, want a state and two pages", len(whole.kept))
	}
	look := func(key string, value []byte) (*Store, string) {
		behind := &values{kept: maps.Clone(whole.kept)}
		if behind.kept[key] = value; value == nil {
			delete(behind.kept, key)
		}
		s := &Store{behind: behind}
		if _, err := s.readState(); err != nil {
			return s, err.Error()
		}
		list, err := s.LoadInvalidations()
		if err != nil {
			return s, err.Error()
		}
		return s, ids(list.List)
	}
	for key, value := range whole.kept {
		wantNothing := func(how string, value []byte) {
			t.Helper()
			if s, got := look(key, value); got != "" || s.state.Epoch == epoch {
				t.Fatalf("%s: got %q in epoch %d, was %d; want nothing, and another epoch", how, got, s.state.Epoch, epoch)
			}
		}
		wantNothing("gone", nil)
		wantNothing("longer", append(slices.Clone(value), 'x'))
		for other, value := range whole.kept {
			if other != key {
				wantNothing("another part in its place", value)
			}
		}
		for i := range value {
			if i > 0 && value[i-1] == 'x' && value[i] == 'x' {
				continue // one more byte of a long path is like the one before
			}
			changed := slices.Clone(value)
			changed[i] ^= 1 << (i % 8)
			wantNothing("changed at "+strconv.Itoa(i), changed)
			wantNothing("cut at "+strconv.Itoa(i), value[:i:i])
		}
		s, _ := look(key, value[:len(value)/2])
		appendTo(t, s, "next")
		if got := kept(t, s.behind); ids(got.List) != "next" {
			t.Errorf("after a loss: got %s", ids(got.List))
		}
	}
	if s, got := look("other", []byte("x")); s.state.Epoch != epoch || got != "0 1 2 3 4 5" {
		t.Errorf("undamaged: got %q", got)
	}
}

// Two that use one store at once, which they must not, each keep a list that is
// whole: whose state was written last, counts.
func TestTwoStoresAtOnce(t *testing.T) {
	behind := httpcache.NewMemoryCache()
	first := open(t, Options{Behind: behind})
	for n := range 10 {
		appendTo(t, first, strconv.Itoa(n))
	}
	common := ids(kept(t, behind).List)
	second := open(t, Options{Behind: behind})
	a, b := common, common
	for n := range 12 {
		id := strconv.Itoa(n)
		appendTo(t, first, "a"+id)
		a += " a" + id
		if got := ids(kept(t, behind).List); got != a {
			t.Fatalf("after the first: %s, want %s", got, a)
		}
		appendTo(t, second, "b"+id)
		b += " b" + id
		if got := ids(kept(t, behind).List); got != b {
			t.Fatalf("after the second: %s, want %s", got, b)
		}
	}
}

// stateOne is a state as the version before pages wrote it.
func stateOne(records string) []byte {
	head := `{"Epoch":7,"Records":{"First":0,"List":[` + records + `]}}`
	value := make([]byte, 9, 9+len(head))
	value[0] = 1
	binary.BigEndian.PutUint32(value[5:], uint32(len(head)))
	return seal(append(value, head...))
}

func TestStateOfTheVersionBefore(t *testing.T) {
	const one = `{"ID":"I1","Items":["/a"],"Created":"2026-11-24T12:00:00Z","EncodedTilde":false,"Scope":"d","Effective":"2026-11-24T12:00:00Z",` +
		`"Sender":"s","Distribution":"E1","CallerReference":"r","Sent":["/a"],"Completed":"2026-11-24T12:00:05Z"}`
	for _, n := range []int{0, 1, 1000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			behind := httpcache.NewMemoryCache()
			var records, want []string
			for i := range n {
				id := fmt.Sprint("I", i)
				records, want = append(records, strings.Replace(one, "I1", id, 1)), append(want, id)
			}
			behind.Set(stateKey, stateOne(strings.Join(records, ",")))
			r := stored("k", "body")
			value, err := encode(7, r, "")
			if err != nil {
				t.Fatal(err)
			}
			behind.Set(cachepolicy.KeyOf("k").Hash(), value)
			s := open(t, Options{Behind: behind})
			list, err := s.LoadInvalidations()
			if err != nil || ids(list.List) != strings.Join(want, " ") || list.First != 0 {
				t.Fatalf("got %d and %s, %v", list.First, ids(list.List), err)
			}
			if n > 0 && (list.List[0].CallerReference != "r" || list.List[0].Completed.Second() != 5) {
				t.Errorf("came back as %+v", list.List[0])
			}
			if got := text(t, s.Get("k")); got != "body" {
				t.Errorf("what was stored: got %q", got)
			}
			appendTo(t, s, "next")
			if got := ids(kept(t, behind).List); got != strings.Join(append(want, "next"), " ") {
				t.Errorf("with another: got %s", got)
			}
			now, _ := behind.Get(stateKey)
			if _, _, ok := unframe(now, valueVersion); ok {
				t.Error("the version before reads a part of the list for the whole")
			}
		})
	}
}

// What is forgotten is not left behind, and does not come back.
func TestForgottenPages(t *testing.T) {
	behind := &values{kept: map[string][]byte{}}
	s := open(t, Options{Behind: behind})
	for n := range 30 {
		appendTo(t, s, strconv.Itoa(n))
	}
	if err := s.Forget(31); err != nil {
		t.Fatal(err)
	}
	if len(behind.kept) != 1 {
		t.Errorf("%d values are behind, want the state alone", len(behind.kept))
	}
	appendTo(t, s, "next")
	if got := kept(t, behind); got.First != 31 || ids(got.List) != "next" {
		t.Errorf("got %d and %s", got.First, ids(got.List))
	}
}

// A store that takes no page keeps the list in one piece.
func TestPagesThatAreNotKept(t *testing.T) {
	behind := &values{kept: map[string][]byte{}}
	s := open(t, Options{Behind: behind})
	s.behind = onlyState{behind}
	var want []string
	for n := range 20 {
		appendTo(t, s, strconv.Itoa(n))
		want = append(want, strconv.Itoa(n))
	}
	if got := kept(t, behind); ids(got.List) != strings.Join(want, " ") || len(behind.kept) != 1 {
		t.Errorf("got %s in %d values", ids(got.List), len(behind.kept))
	}
}

type onlyState struct{ httpcache.Cache }

func (o onlyState) Set(key string, b []byte) {
	if key == stateKey {
		o.Cache.Set(key, b)
	}
}
