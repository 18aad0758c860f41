package origin

import (
	"context"
	"slices"
	"sync"
	"time"
)

// pool keeps the links to one origin: at most maxConns are open, of which at most
// maxIdleConns wait for their next request, each for as long as the origin's
// keep-alive timeout says [ORG-19].
type pool struct {
	keepAlive time.Duration
	patience  time.Duration // of a request that waits for a link
	open      func(ctx context.Context, server string) (*link, error)

	mu      sync.Mutex // guards what follows
	idle    []*link    // the longest idle first
	count   int        // of open links and of those being opened
	waiting []waiter   // while count is maxConns and none is idle
	timer   *time.Timer
}

// waiter is a request that waits for a link. What it gets is nil when it may open
// one.
type waiter struct {
	server string
	fresh  bool
	given  chan *link
}

// take finds an idle link to server, unless a fresh one is wanted, or opens one; with
// too many open it waits for its turn until ctx or its patience ends.
func (p *pool) take(ctx context.Context, server string, fresh bool) (*link, error) {
	p.mu.Lock()
	if l := p.takeIdle(server, fresh); l != nil {
		p.mu.Unlock()
		return l, nil
	}
	if p.count < maxConns || p.dropOldest() {
		p.count++
		p.mu.Unlock()
		return p.openOne(ctx, server)
	}
	w := waiter{server, fresh, make(chan *link, 1)}
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()
	over := time.NewTimer(p.patience)
	defer over.Stop()
	select {
	case <-over.C:
		p.giveUp(w)
		return nil, errBusy
	case l := <-w.given:
		if l != nil {
			return l, nil
		}
		return p.openOne(ctx, server)
	case <-ctx.Done():
		p.giveUp(w)
		return nil, ctx.Err()
	}
}

// takeIdle needs mu. The link that was used last is the likeliest to be alive.
func (p *pool) takeIdle(server string, fresh bool) *link {
	for i := len(p.idle) - 1; i >= 0 && !fresh; i-- {
		l := p.idle[i]
		if l.server != server {
			continue
		}
		if time.Since(l.idleSince) >= p.keepAlive {
			return nil // and so are those before it; the timer is about to close them
		}
		p.idle = slices.Delete(p.idle, i, i+1)
		return l
	}
	return nil
}

// dropOldest makes room for a link to another server name. It needs mu.
func (p *pool) dropOldest() bool {
	if len(p.idle) == 0 {
		return false
	}
	p.idle[0].conn.Close()
	p.idle = slices.Delete(p.idle, 0, 1)
	p.count--
	return true
}

// openOne opens the link that count already has.
func (p *pool) openOne(ctx context.Context, server string) (*link, error) {
	l, err := p.open(ctx, server)
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.leave()
		return nil, err
	}
	return l, nil
}

// giveUp is a waiter whose time has ended. He may have been given something in
// the meantime, which goes to the next one.
func (p *pool) giveUp(w waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.waiting, func(o waiter) bool { return o.given == w.given })
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		return
	}
	if l := <-w.given; l != nil {
		p.keep(l)
	} else {
		p.leave()
	}
}

// put takes back a link whose answer was read to its end.
func (p *pool) put(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep(l)
}

// keep needs mu.
func (p *pool) keep(l *link) {
	if len(p.waiting) > 0 {
		w := p.waiting[0]
		p.waiting = slices.Delete(p.waiting, 0, 1)
		if w.server != l.server || w.fresh {
			l.conn.Close()
			l = nil
		}
		w.given <- l
		return
	}
	if len(p.idle) >= maxIdleConns {
		l.conn.Close()
		p.count--
		return
	}
	l.idleSince = time.Now()
	p.idle = append(p.idle, l)
	if p.timer == nil {
		p.timer = time.AfterFunc(p.keepAlive, p.expire)
	}
}

// drop closes a link that cannot be used again.
func (p *pool) drop(l *link) {
	l.conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
}

// leave makes room for one link. It needs mu.
func (p *pool) leave() {
	if len(p.waiting) == 0 {
		p.count--
		return
	}
	w := p.waiting[0]
	p.waiting = slices.Delete(p.waiting, 0, 1)
	w.given <- nil
}

// expire closes the links that have been idle for too long. It runs in a timer's
// goroutine, and again for as long as there are any.
func (p *pool) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for n < len(p.idle) && time.Since(p.idle[n].idleSince) >= p.keepAlive {
		p.idle[n].conn.Close()
		n++
	}
	p.idle = slices.Delete(p.idle, 0, n)
	p.count -= n
	p.timer = nil
	if len(p.idle) > 0 {
		p.timer = time.AfterFunc(p.keepAlive-time.Since(p.idle[0].idleSince), p.expire)
	}
}

// closeIdle closes the links that no request uses.
func (p *pool) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.idle {
		l.conn.Close()
	}
	p.count -= len(p.idle)
	p.idle = nil
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}
