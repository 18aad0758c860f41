// Package ending has the context of a request or of a fetch: one that ends when it
// is told to, or never.
//
// Every miss has two of them. Those of package context make a map, a channel and
// several functions as soon as anybody waits for their end; these make nothing, and
// who waits brings a [Watcher] of his own.
package ending

import (
	"context"
	"sync"
	"time"
)

// Context is a [context.Context] that End ends. It has no deadline and no parent. The
// zero value goes on and has no values; it must not be copied once it is used.
type Context struct {
	values context.Context // nil: none

	mu       sync.Mutex // protects what follows
	cause    error      // nil: it goes on
	done     chan struct{}
	watchers *Watcher // the one that came last
}

// Inherit gives c the values of ctx, but not its end. It is called before c is used.
func (c *Context) Inherit(ctx context.Context) {
	if from, ok := ctx.(*Context); ok {
		c.values = from.values
	} else {
		c.values = context.WithoutCancel(ctx)
	}
}

// End ends c, for a reason that Cause tells; nil is context.Canceled. What ended
// before stays as it is.
func (c *Context) End(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return
	}
	c.cause = cause
	if c.done != nil {
		close(c.done)
	}
	for w := c.watchers; w != nil; w = w.next {
		w.called = true
		go w.f()
	}
	c.watchers = nil
}

// Cause is why c ended; nil: it goes on.
func (c *Context) Cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// Err is context.Canceled once c has ended, whatever the cause.
func (c *Context) Err() error {
	if c.Cause() == nil {
		return nil
	}
	return context.Canceled
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done is closed when c ends. It is made when somebody asks for it.
func (c *Context) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.done != nil:
	case c.cause != nil:
		c.done = closed
	default:
		c.done = make(chan struct{})
	}
	return c.done
}

// Deadline says that there is none.
func (c *Context) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value is that of the context c has inherited from.
func (c *Context) Value(key any) any {
	if c.values == nil {
		return nil
	}
	return c.values.Value(key)
}

// AfterFunc is [context.AfterFunc] of c. Package context looks for it, so that its
// own contexts under c need no goroutine.
func (c *Context) AfterFunc(f func()) (stop func() bool) {
	w := new(Watcher)
	w.Watch(c, f)
	return func() bool { return w.stop() }
}

var _ context.Context = (*Context)(nil)
