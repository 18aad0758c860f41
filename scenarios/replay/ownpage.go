package replay

import (
	"context"
	"fmt"
	"time"

	"staleproof/scenarios/browser"
)

// ownPages reports whether his pages are those of the builds, which ask for what they
// refer to by themselves, and not made ones, which wait until they are told to.
func (v *surfer) ownPages() bool { return v.st.bodies.own != nil }

// hold makes whatever his pages ask for wait until it is the trace's turn.
func (v *surfer) hold() error {
	return v.tab.Hold(func(url string) bool { return url == v.site+browser.CheckPath })
}

// openOwn opens a page of the builds. The page before gives up what it has not been
// given yet.
func (v *surfer) openOwn(url string) error {
	if err := v.tab.Drop(); err != nil {
		return err
	}
	v.tab.Let(url)
	return v.tab.Open(url)
}

// lazyPatience is how long a page of a build may take to ask by itself for what it
// refers to.
const lazyPatience = time.Second

// loadOwn lets a request of the page go. What it asks for only when somebody clicks, or
// its style fits something, is asked for in its name.
func (v *surfer) loadOwn(ctx context.Context, url string) error {
	patience := time.NewTimer(lazyPatience)
	defer patience.Stop()
	select {
	case <-v.tab.Let(url):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
	}
	_, err := v.tab.Run(fmt.Sprintf("void fetch(%q).then(r => r.arrayBuffer())", url))
	return err
}
