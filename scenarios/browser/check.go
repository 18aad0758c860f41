package browser

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// Check finds out whether a browser has what it is driven for: an HTTP cache and
// service workers. It is a handler for [CheckPath], which must be reachable by the
// browser at the site in question.
type Check struct{ asked atomic.Int64 }

// CheckPath is where a Check answers.
const CheckPath = "/.staleproof/"

func (c *Check) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch strings.TrimPrefix(r.URL.Path, CheckPath) {
	case "":
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><link rel=icon href=data:,><title>a look at the browser</title>")
	case "kept":
		c.asked.Add(1)
		w.Header().Set("Cache-Control", "max-age=31536000")
		io.WriteString(w, "to be kept for a year")
	case "worker.js":
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, "addEventListener('fetch', e => e.respondWith(new Response('from the worker')))")
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// Run opens the site's page for it in a tab, and says what the browser lacks. A browser
// without a cache or without service workers shows less than visitors see: that is a
// finding and no success.
func (c *Check) Run(t *Tab, site string) error {
	if err := t.Open(site + CheckPath); err != nil {
		return err
	}
	before := c.asked.Load()
	const keep = `(async () => { for (let i = 0; i < 2; i++) await (await fetch('kept')).text() })()`
	if _, err := t.Run(keep); err != nil {
		return err
	}
	if n := c.asked.Load() - before; n != 1 {
		return fmt.Errorf("the HTTP cache of this browser is off: of two requests for what may be kept for a year, %d came over the network", n)
	}
	const work = `(async () => {
		if (!navigator.serviceWorker) return 'there are none'
		const r = await navigator.serviceWorker.register('worker.js')
		const w = r.installing ?? r.waiting ?? r.active
		while (w.state !== 'activated') await new Promise(done => w.addEventListener('statechange', done, {once: true}))
		await r.unregister()
		return 'ok'
	})().catch(e => String(e))`
	got, err := t.Run(work)
	if err == nil && got != `"ok"` {
		err = fmt.Errorf("service workers of this browser are off: %s", got)
	}
	return err
}
