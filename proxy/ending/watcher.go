package ending

import "context"

// Watcher calls a function in a goroutine of its own when a context has ended. It is
// [context.AfterFunc] for who has a place for it. The zero value watches nothing; it
// watches once, and must not be copied.
type Watcher struct {
	f      func()
	ctx    *Context    // nil: foreign, or nothing to watch
	cancel func() bool // of a foreign one that can end

	// Protected by ctx.mu.
	next, last *Watcher
	called     bool // f has been, or must not be any more
}

// Watch calls f once ctx has ended, unless Stop comes before that.
func (w *Watcher) Watch(ctx context.Context, f func()) {
	c, ok := ctx.(*Context)
	if !ok {
		if ctx.Done() != nil {
			w.cancel = context.AfterFunc(ctx, f)
		}
		return
	}
	w.f, w.ctx = f, c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		w.called = true
		go f()
		return
	}
	if w.next = c.watchers; w.next != nil {
		w.next.last = w
	}
	c.watchers = w
}

// Stop ends the watch and reports whether the function has not been called and will
// not be. It does not wait for it. A second call is too late.
func (w *Watcher) Stop() bool {
	switch {
	case w.ctx != nil:
		return w.stop()
	case w.cancel != nil:
		return w.cancel()
	}
	return true
}

func (w *Watcher) stop() bool {
	w.ctx.mu.Lock()
	defer w.ctx.mu.Unlock()
	if w.called {
		return false
	}
	w.called = true
	if w.next != nil {
		w.next.last = w.last
	}
	if w.last != nil {
		w.last.next = w.next
	} else {
		w.ctx.watchers = w.next
	}
	return true
}
