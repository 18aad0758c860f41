package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"staleproof/cachepolicy"
)

// redisServer is the address of a real server that lives as long as the test.
func redisServer(t *testing.T) string {
	return start(t, "redis-server", func(port string) []string {
		return []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}
	})
}

// program is a Store as another program would have it on the same server.
func program(t *testing.T, address string) *Store {
	t.Helper()
	c, err := Open("redis://" + address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { CloseCache(c) })
	return open(t, Options{Behind: c})
}

func record(id string) Record {
	return Record{
		Invalidation: cachepolicy.Invalidation{ID: id, Items: []string{"/*"}}, Scope: "d", Effective: time.Unix(1, 0).UTC(),
		Sender: "s", Distribution: "E1", CallerReference: "r", Sent: []string{"/"}, Completed: time.Unix(2, 0).UTC(),
	}
}

func ids(list []Record) string {
	var all []string
	for _, r := range list {
		all = append(all, r.ID)
	}
	return strings.Join(all, " ")
}

func TestProgramsShareInvalidations(t *testing.T) {
	address := redisServer(t)
	a, b := program(t, address), program(t, address)
	if more, err := a.AppendInvalidation(record("I1")); err != nil || ids(more) != "I1" {
		t.Fatalf("a appended: got %s, %v", ids(more), err)
	}
	if more, err := b.AppendInvalidation(record("I2")); err != nil || ids(more) != "I1 I2" {
		t.Errorf("b appended: got %s, %v; want what a appended before it", ids(more), err)
	}
	if more, err := a.MoreInvalidations(); err != nil || ids(more) != "I2" {
		t.Errorf("a looked: got %s, %v", ids(more), err)
	}
	if more, err := a.MoreInvalidations(); err != nil || ids(more) != "" {
		t.Errorf("a looked again: got %s, %v", ids(more), err)
	}
	late, err := program(t, address).LoadInvalidations()
	if err != nil || ids(late.List) != "I1 I2" {
		t.Errorf("a late program: got %s, %v", ids(late.List), err)
	}
	if got, want := fmt.Sprint(late.List[0]), fmt.Sprint(record("I1")); got != want {
		t.Errorf("came back as %s, was %s", got, want)
	}
	a.Set(stored("k", "body"))
	if got := text(t, b.Get("k")); got != "body" {
		t.Errorf("b found %q of what a stored", got)
	}
	renewed := stored("k", "renewed")
	renewed.Stored.Mark = 1
	a.Set(renewed)
	old := b.Get("k")
	if got := text(t, old); got != "body" {
		t.Errorf("b has %q in memory, whatever a stores", got)
	}
	if got := text(t, b.Newer(old)); got != "renewed" || text(t, b.Get("k")) != "renewed" {
		t.Errorf("b found %q in the place of what is of no use", got)
	}
	if r := a.Newer(renewed); r != renewed {
		t.Errorf("a found %q in the place of the newest", text(t, r))
	}
	a.Set(stored("k", "body"))
	if err := a.Forget(0); err == nil || text(t, a.Get("k")) != "body" {
		t.Errorf("what is shared was forgotten: %v", err)
	}
}

// Between two programs that append at once there is one order, and it is the same
// for both.
func TestProgramsAgreeOnTheOrder(t *testing.T) {
	address := redisServer(t)
	const each = 50
	programs := []*Store{program(t, address), program(t, address), program(t, address)}
	done := make(chan error)
	for i, s := range programs {
		go func() {
			for n := range each {
				if _, err := s.AppendInvalidation(record(fmt.Sprint(i, n))); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range programs {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	var first string
	for i, s := range programs {
		if _, err := s.MoreInvalidations(); err != nil {
			t.Fatal(err)
		}
		list, _ := s.LoadInvalidations()
		if len(list.List) != each*len(programs) {
			t.Errorf("program %d has %d records, want %d", i, len(list.List), each*len(programs))
		}
		if first == "" {
			first = ids(list.List)
		} else if ids(list.List) != first {
			t.Errorf("program %d has another order", i)
		}
	}
}

func TestProgramIsTold(t *testing.T) {
	address := redisServer(t)
	a, b := program(t, address), program(t, address)
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan string), make(chan bool)
	go func() {
		defer close(ended)
		b.WatchInvalidations(ctx, func() {
			more, err := b.MoreInvalidations()
			if err != nil {
				t.Error(err)
			}
			if len(more) > 0 {
				told <- ids(more)
			}
		})
	}()
	for _, id := range []string{"I1", "I2"} {
		if _, err := a.AppendInvalidation(record(id)); err != nil {
			t.Fatal(err)
		}
		if got := <-told; got != id {
			t.Errorf("was told of %s, want %s", got, id)
		}
	}
	cancel()
	<-ended
}

// A list that was lost takes everything that was stored under it along, and is not
// taken up by a program that knew the old one.
func TestSharedListIsLost(t *testing.T) {
	address := redisServer(t)
	a := program(t, address)
	if _, err := a.AppendInvalidation(record("I1")); err != nil {
		t.Fatal(err)
	}
	a.Set(stored("k", "body"))
	c, err := redis.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Do("DEL", journalKey); err != nil {
		t.Fatal(err)
	}
	if got := text(t, a.Get("k")); got != "body" {
		t.Errorf("before the loss is known: %q", got)
	}
	if more, err := a.AppendInvalidation(record("I2")); !errors.Is(err, ErrEpoch) || ids(more) != "I2" {
		t.Errorf("appended to a lost list: %s, %v; want it to hold here alone", ids(more), err)
	}
	if got := text(t, a.Get("k")); got != "nothing" {
		t.Errorf("after the loss is known: %q", got)
	}
	a.Set(stored("own", "body"))
	if got := text(t, a.Get("own")); got != "body" {
		t.Errorf("memory alone: %q", got)
	}
	b := program(t, address)
	if got := text(t, b.Get("k")); got != "nothing" {
		t.Errorf("stored under a lost list: got %q", got)
	}
	if _, err := a.MoreInvalidations(); !errors.Is(err, ErrEpoch) {
		t.Errorf("read another list: %v", err)
	}
}
