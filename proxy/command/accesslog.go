package command

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"staleproof/proxy"
)

// accessLog writes one line for each answered request. Writing is buffered; a
// line is on its way within flushEvery or when the server stops.
type accessLog struct {
	mu     sync.Mutex
	w      *bufio.Writer // guarded by mu
	file   io.Closer     // nil: the standard output
	ticker *time.Ticker
	done   chan struct{}
}

const flushEvery = 200 * time.Millisecond

// openAccessLog opens the log that --access-log names; nil when there is none.
func openAccessLog(name string, stdout io.Writer) (*accessLog, error) {
	if name == "" {
		return nil, nil
	}
	l := &accessLog{ticker: time.NewTicker(flushEvery), done: make(chan struct{})}
	if name == "-" {
		l.w = bufio.NewWriter(stdout)
	} else {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, fmt.Errorf("open the access log: %w", err)
		}
		l.w, l.file = bufio.NewWriterSize(f, 64<<10), f
	}
	go l.flush()
	return l, nil
}

// flush ends with Close.
func (l *accessLog) flush() {
	for {
		select {
		case <-l.ticker.C:
			l.mu.Lock()
			l.w.Flush()
			l.mu.Unlock()
		case <-l.done:
			return
		}
	}
}

// observe writes the line of an answered request: time, edge location, viewer,
// method, URL, status, body bytes, result, seconds taken, reason, request id.
func (l *accessLog) observe(ev proxy.Event) {
	if ev.Kind != proxy.Answered {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, "%s %s %s %s %s %d %d %s %.3f %s %s\n", ev.At.UTC().Format(time.RFC3339), ev.POP, dash(ev.Viewer), ev.Method,
		strconv.QuoteToASCII(ev.URL), ev.Status, ev.Bytes, ev.Result, ev.Took.Seconds(), strconv.QuoteToASCII(string(ev.Reason)), ev.Exchange)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Close writes what is left.
func (l *accessLog) Close() error {
	if l == nil {
		return nil
	}
	l.ticker.Stop()
	close(l.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.w.Flush()
	if l.file != nil {
		if e := l.file.Close(); err == nil {
			err = e
		}
	}
	return err
}
