package proxy_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/store"
)

// shelf is a shared store in this process: what several programs would have in a
// Redis.
type shelf struct {
	httpcache.Cache
	mu    sync.Mutex
	epoch uint64
	list  [][]byte
	told  []chan bool
	fail  error // of Append
}

func newShelf() *shelf { return &shelf{Cache: httpcache.NewMemoryCache()} }

func (s *shelf) Begin(epoch uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == 0 {
		s.epoch = epoch
	}
	return s.epoch, nil
}

func (s *shelf) Append(epoch uint64, b []byte) error {
	s.mu.Lock()
	if s.fail != nil {
		defer s.mu.Unlock()
		return s.fail
	}
	s.list = append(s.list, b)
	s.mu.Unlock()
	s.tell()
	return nil
}

// tell wakes whoever watches; one who is awake will look once more.
func (s *shelf) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.told {
		select {
		case c <- true:
		default:
		}
	}
}

func (s *shelf) After(epoch uint64, n int) ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if epoch != s.epoch {
		return nil, store.ErrEpoch
	}
	return slices.Clone(s.list[n:]), nil
}

func (s *shelf) Watch(ctx context.Context, changed func()) {
	told := make(chan bool, 1)
	s.mu.Lock()
	s.told = append(s.told, told)
	s.mu.Unlock()
	for changed(); ; changed() {
		select {
		case <-told:
		case <-ctx.Done():
			return
		}
	}
}

// programs is n networks on one shared store, each with a regional edge cache and a
// clock of its own that is ahead by what is given.
func programs(t *testing.T, behind httpcache.Cache, config proxy.Config, ahead ...time.Duration) []live {
	t.Helper()
	var all []live
	for _, by := range ahead {
		c := config
		c.Distributions, c.AnyHost, c.MemoryBytes, c.Store = []*distribution.Distribution{optimized()}, true, 8<<20, behind
		c.Origins = map[string]http.RoundTripper{optimized().Origins[0].ID: proxy.Handler(page("x"))}
		c.Now = func() time.Time { return time.Now().Add(by) }
		nw, err := proxy.NewNetwork(c, 2, true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nw.Close() })
		all = append(all, live{t, nw})
	}
	return all
}

func TestAnInvalidationIsObeyedByAllPrograms(t *testing.T) {
	tests := []struct {
		name  string
		ahead time.Duration // the clock of the one that sends
		delay time.Duration // at all tiers
	}{
		{name: "at once"},
		{name: "after the delay", delay: 5 * time.Second},
		{name: "sent by a clock that is a day ahead", ahead: 24 * time.Hour, delay: 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ps := programs(t, newShelf(), proxy.Config{InvalidationDelay: tt.delay}, tt.ahead, 0)
				a, b := ps[0], ps[1]
				a.want("http://any/x", "OK Miss x")
				b.want("http://any/x", "OK Miss x") // here, but not in the regional tier, which they share
				b.want("http://any/x", "OK Hit x")
				if asked := b.OriginRequests()[optimized().Origins[0].ID]; asked != 0 {
					t.Errorf("the second program asked the origin %d times for what the first has stored", asked)
				}
				if _, err := a.Send(proxy.Batch{Items: []string{"/x"}, CallerReference: "r"}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if tt.delay > 0 {
					b.want("http://any/x", "OK Hit x")
					time.Sleep(tt.delay)
				}
				b.want("http://any/x", "OK Miss x")
				if asked := b.OriginRequests()[optimized().Origins[0].ID]; asked != 1 {
					t.Errorf("then it asked the origin %d times, want once", asked)
				}
				list := b.Invalidations()
				if len(list) != 1 || list[0].CallerReference != "r" || list[0].Distribution != optimized().ID {
					t.Errorf("the other program lists %+v", list)
				}
			})
		})
	}
}

// Sent twice under one reference, at two programs, it is one invalidation. [INV-22]
func TestCallerReferenceAcrossPrograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps := programs(t, newShelf(), proxy.Config{}, 0, 0)
		first, err := ps[0].Send(proxy.Batch{Items: []string{"/x"}, CallerReference: "r"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		again, err := ps[1].Send(proxy.Batch{Items: []string{"/x"}, CallerReference: "r"})
		if err != nil || again.ID != first.ID {
			t.Errorf("got %s %v, want %s", again.ID, err, first.ID)
		}
		if got := ps[1].Bill(time.Now()).Paths; got != 1 {
			t.Errorf("the bill has %d paths, want 1", got)
		}
	})
}

// A reference, the bill and the list are still known after a restart.
func TestBooksOutliveTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		behind := httpcache.NewMemoryCache()
		first := programs(t, behind, proxy.Config{}, 0)[0]
		sent, err := first.Send(proxy.Batch{Items: []string{"/x", "/y"}, CallerReference: "r"})
		if err != nil {
			t.Fatal(err)
		}
		first.Close()
		again := programs(t, behind, proxy.Config{}, 0)[0]
		p, err := again.Send(proxy.Batch{Items: []string{"/x", "/y"}, CallerReference: "r"})
		if err != nil || p.ID != sent.ID || again.Bill(time.Now()).Paths != 2 {
			t.Errorf("got %s, a bill of %d paths, %v; want %s and 2", p.ID, again.Bill(time.Now()).Paths, err, sent.ID)
		}
	})
}

// What the shared store does not take holds nowhere and is not on the books.
func TestSharedStoreIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		behind := newShelf()
		p := programs(t, behind, proxy.Config{}, 0)[0]
		p.want("http://any/x", "OK Miss x")
		behind.mu.Lock()
		behind.fail = errors.New("gone")
		behind.mu.Unlock()
		if _, err := p.Send(proxy.Batch{Items: []string{"/x"}}); err == nil {
			t.Error("no error")
		}
		p.want("http://any/x", "OK Hit x")
		if list := p.Invalidations(); len(list) != 0 {
			t.Errorf("the books have %v", list)
		}
	})
}

// A program that can no longer learn what others invalidate says so, once, and uses
// nothing that they share.
func TestSharedListIsBegunAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		behind := newShelf()
		var mu sync.Mutex
		var said []string
		warn := func(ev proxy.Event) {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, ev.Detail)
		}
		p := programs(t, behind, proxy.Config{Warn: warn}, 0)[0]
		p.want("http://any/x", "OK Miss x")
		behind.mu.Lock()
		behind.epoch++
		behind.mu.Unlock()
		for range 2 {
			behind.tell()
			synctest.Wait()
		}
		p.want("http://any/x", "OK Miss x")
		if asked := p.OriginRequests()[optimized().Origins[0].ID]; asked != 2 {
			t.Errorf("the origin was asked %d times, want twice: neither tier may use what it had", asked)
		}
		p.want("http://any/x", "OK Hit x")
		mu.Lock()
		defer mu.Unlock()
		if len(said) != 1 {
			t.Errorf("said %q, want it once", said)
		}
	})
}
