package proxy

import (
	"context"
	"errors"
	"io"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// told are the URLs of events, in a row.
func told(events []Event) (s string) {
	for _, ev := range events {
		s += ev.URL + " "
	}
	return s
}

func publish(f *Feed, urls ...string) {
	for _, u := range urls {
		f.publish(&Event{URL: u})
	}
}

func TestFeedTellsWhoListens(t *testing.T) {
	var f Feed
	publish(&f, "before")
	all, err := f.Listen(nil)
	if err != nil {
		t.Fatal(err)
	}
	some, err := f.Listen(func(ev *Event) bool { return ev.URL == "b" })
	if err != nil {
		t.Fatal(err)
	}
	publish(&f, "a", "b", "c")
	for _, l := range []struct {
		who  string
		l    *Listener
		want string
	}{{"all", all, "a b c "}, {"some", some, "b "}} {
		events, lost, err := l.l.Next(t.Context(), nil)
		if got := told(events); got != l.want || lost != 0 || err != nil {
			t.Errorf("%s: got %q, %d lost, %v; want %q", l.who, got, lost, err, l.want)
		}
	}
	some.End()
	publish(&f, "b")
	if _, _, err := some.Next(t.Context(), nil); err != io.EOF {
		t.Errorf("who has ended is told: %v", err)
	}
	all.End()
	if f.heard() || f.Listeners() != 0 {
		t.Error("somebody listens after the last one went")
	}
}

// Who does not take his events loses the younger ones, is told how many, and is
// told the next ones after that.
func TestFeedNeverWaits(t *testing.T) {
	var f Feed
	l, err := f.Listen(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range queueEvents + 7 {
		publish(&f, strconv.Itoa(i))
	}
	events, lost, err := l.Next(t.Context(), nil)
	if len(events) != queueEvents || events[queueEvents-1].URL != strconv.Itoa(queueEvents-1) || lost != 7 || err != nil {
		t.Errorf("got %d events, %d lost, %v; want %d and 7", len(events), lost, err, queueEvents)
	}
	publish(&f, "next")
	if events, lost, _ := l.Next(t.Context(), events); told(events) != "next " || lost != 0 {
		t.Errorf("after the loss: %q, %d lost", told(events), lost)
	}
}

func TestFeedNextWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Feed
		l, err := f.Listen(nil)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, func() { publish(&f, "late") })
		began := time.Now()
		if events, _, _ := l.Next(t.Context(), nil); told(events) != "late " || time.Since(began) != time.Minute {
			t.Errorf("got %q after %v", told(events), time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := l.Next(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who waits in vain gets %v", err)
		}
		time.AfterFunc(time.Second, func() { f.Close() })
		if _, _, err := l.Next(t.Context(), nil); err != io.EOF {
			t.Errorf("when the feed is closed: %v, want EOF", err)
		}
		if _, err := f.Listen(nil); !errors.Is(err, errClosed) {
			t.Errorf("who comes after the end: %v", err)
		}
	})
}

func TestFeedIsBounded(t *testing.T) {
	var f Feed
	var last *Listener
	for i := range MaxListeners + 1 {
		l, err := f.Listen(nil)
		if (err != nil) != (i == MaxListeners) {
			t.Fatalf("listener %d: %v", i, err)
		}
		if l != nil {
			last = l
		}
	}
	last.End()
	if _, err := f.Listen(nil); err != nil {
		t.Errorf("after one has left: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	var none *Feed
	if none.heard() {
		t.Error("a nil feed is heard")
	}
	e := &Edge{config: Config{Feed: &Feed{}}}
	if n := testing.AllocsPerRun(100, func() { e.tell(Event{URL: "x"}) }); n != 0 || e.watched() {
		t.Errorf("%v allocations for nobody", n)
	}
}
