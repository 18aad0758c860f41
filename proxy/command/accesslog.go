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
	mu     sync.Mutex // guards what follows, up to file
	w      *bufio.Writer
	to     *losing   // under w
	line   []byte    // the last one, for its memory
	second int64     // of stamp
	stamp  string    // the time of the last line
	file   io.Closer // nil: the standard output
	ticker *time.Ticker
	done   chan struct{}
}

const flushEvery = 200 * time.Millisecond

// losing writes what it can: a disk that is full may have room again. The first error is
// told at once, and kept.
type losing struct {
	w    io.Writer
	err  error
	torn bool // the last line was written in part
	tell func(error)
}

func (l *losing) Write(b []byte) (int, error) {
	text := b
	if l.torn {
		text = append([]byte{'\n'}, b...)
	}
	n, err := l.w.Write(text)
	if err == nil {
		l.torn = false
		return len(b), nil
	}
	l.torn = l.torn || n > 0
	if l.err == nil {
		l.err = err
		l.tell(err)
	}
	return len(b), nil
}

// openAccessLog opens the log that --access-log names; nil when there is none. lost is
// told when lines cannot be written.
func openAccessLog(name string, stdout io.Writer, lost func(error)) (*accessLog, error) {
	if name == "" {
		return nil, nil
	}
	l := &accessLog{ticker: time.NewTicker(flushEvery), done: make(chan struct{})}
	if name == "-" {
		l.to = &losing{w: stdout, tell: lost}
		l.w = bufio.NewWriter(l.to)
	} else {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, fmt.Errorf("open the access log: %w", err)
		}
		l.to = &losing{w: f, tell: lost}
		l.w, l.file = bufio.NewWriterSize(l.to, 64<<10), f
	}
	go l.flush()
	return l, nil
}

// flush ends with Close.
func (l *accessLog) flush() {
	for {
		select {
		case <-l.ticker.C:
			l.write()
		case <-l.done:
			return
		}
	}
}

// write passes on what is buffered.
func (l *accessLog) write() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.Flush() // it always can
}

// observe writes the line of an answered request: time, edge location, viewer,
// method, URL, status, body bytes, result, seconds taken, reason, request id.
func (l *accessLog) observe(ev proxy.Event) {
	if ev.Kind != proxy.Answered {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = l.appendLine(l.line[:0], &ev)
	l.w.Write(l.line)
}

// appendLine needs mu.
func (l *accessLog) appendLine(b []byte, ev *proxy.Event) []byte {
	if second := ev.At.Unix(); second != l.second || l.stamp == "" {
		l.second, l.stamp = second, ev.At.UTC().Format(time.RFC3339)
	}
	word := func(s string) { b = append(append(b, dash(s)...), ' ') }
	word(l.stamp)
	word(ev.POP)
	word(ev.Viewer)
	word(ev.Method)
	b = append(strconv.AppendQuoteToASCII(b, ev.URL), ' ')
	b = append(strconv.AppendInt(b, int64(ev.Status), 10), ' ')
	b = append(strconv.AppendInt(b, ev.Bytes, 10), ' ')
	word(string(ev.Result))
	b = append(strconv.AppendFloat(b, ev.Took.Seconds(), 'f', 3, 64), ' ')
	b = append(strconv.AppendQuoteToASCII(b, string(ev.Reason)), ' ')
	return append(append(b, ev.Exchange...), '\n')
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Close writes what is left. It is an error when lines were lost.
func (l *accessLog) Close() error {
	if l == nil {
		return nil
	}
	l.ticker.Stop()
	close(l.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.Flush()
	err := l.to.err
	if l.file != nil {
		if e := l.file.Close(); err == nil {
			err = e
		}
	}
	return err
}
