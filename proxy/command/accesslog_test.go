package command

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
)

func TestAccessLogLine(t *testing.T) {
	var out bytes.Buffer
	l, err := openAccessLog("-", &out, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l.observe(proxy.Event{Kind: proxy.Arrived, At: at})
	l.observe(proxy.Event{
		Kind: proxy.Answered, At: at, POP: "FRA56-P1", Viewer: "192.0.2.1", Method: "GET", URL: "d.example/a?q=\"\n",
		Status: 200, Bytes: 5, Result: cachepolicy.Hit, Took: 1500 * time.Microsecond, Reason: cachepolicy.Fresh, Exchange: "id==",
	})
	l.observe(proxy.Event{Kind: proxy.Answered, At: at.Add(time.Second), Status: 499})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	want := []string{
		`2026-11-24T12:00:00Z FRA56-P1 192.0.2.1 GET "d.example/a?q=\"\n" 200 5 Hit 0.002 "fresh: its lifetime is not over" id==`,
		`2026-11-24T12:00:01Z - - - "" 499 0 - 0.000 "" `,
		``,
	}
	if len(lines) != len(want) {
		t.Fatalf("got %d lines:\n%s", len(lines)-1, &out)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("got  %s\nwant %s", lines[i], want[i])
		}
	}
}

func TestAccessLogThatCannotBeOpened(t *testing.T) {
	if _, err := openAccessLog(t.TempDir(), nil, nil); err == nil || !strings.Contains(err.Error(), "open the access log") {
		t.Errorf("got %v, want an error that says what was being done", err)
	}
}

// full is a disk with room for so many bytes.
type full struct {
	bytes.Buffer
	room int
}

func (f *full) Write(b []byte) (int, error) {
	n, _ := f.Buffer.Write(b[:min(len(b), f.room)])
	if f.room -= n; n < len(b) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// TestAccessLogOnAFullDisk: it is told at once and once, what follows is written when
// there is room, on lines of its own, and the loss is an error in the end.
func TestAccessLogOnAFullDisk(t *testing.T) {
	disk := &full{room: 30}
	var told []error
	l, err := openAccessLog("-", disk, func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, status := range []int{200, 404, 503} {
		l.observe(proxy.Event{Kind: proxy.Answered, At: at, Status: status})
		if l.write(); len(told) != 1 {
			t.Errorf("told %v after %d", told, status)
		}
		if status == 404 {
			disk.room = 1000
		}
	}
	if err := l.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("closed with %v", err)
	}
	if want := "2026-11-24T12:00:00Z - - - \"\" \n2026-11-24T12:00:00Z - - - \"\" 503 0 - 0.000 \"\" \n"; disk.String() != want {
		t.Errorf("got  %q\nwant %q", disk.String(), want)
	}
}

func BenchmarkAccessLog(b *testing.B) {
	l, err := openAccessLog("/dev/null", nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	ev := proxy.Event{
		Kind: proxy.Answered, At: time.Now(), POP: "FRA56-P1", Viewer: "192.0.2.1", Method: "GET", URL: "d.example/css/site.css?v=1",
		Status: 200, Bytes: 1024, Result: cachepolicy.Hit, Reason: cachepolicy.Fresh, Exchange: strings.Repeat("x", 56),
	}
	b.ReportAllocs()
	for b.Loop() {
		l.observe(ev)
	}
}
