package e2e

import (
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"
)

// errorTime is a second longer than an error without caching headers is kept.
// [ERR-04]
const errorTime = 11 * time.Second

// homePage is the page that every release changes.
const homePage = "http://" + pageHost + "/"

// stage is the article's whole set-up: servers behind a balancer, an edge with
// two distributions that pull from it, and the names that visitors use.
type stage struct {
	*edge
	servers []*server
	door    *balancer
	world   network
	binding binding
}

// setUp starts everything with the first release deployed.
func setUp(s strategy, servers int, policy string) *stage {
	GinkgoHelper()
	t := &stage{servers: make([]*server, servers), binding: strategies[s]().binding}
	var all sync.WaitGroup
	for i := range t.servers {
		all.Go(func() {
			defer GinkgoRecover()
			t.servers[i] = startServer(s)
		})
	}
	all.Wait()
	t.door = startBalancer(t.servers...)
	t.edge = serve("--config", twoDistributions(t.door.url, policy))
	t.world = t.edge.before(t.door.url)
	return t
}

// visitor is somebody who has never been here.
func (t *stage) visitor() *visitor { return t.world.visitor(t.binding) }

// deploy brings the release to every server, one after the other.
func (t *stage) deploy(r release) {
	GinkgoHelper()
	for _, s := range t.servers {
		s.deploy(r)
	}
}

// BeWhole succeeds for a view that is a page of r with all its parts.
func BeWhole(r release) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(v *view) (bool, error) {
		return v.release == r && len(v.wrong()) == 0, nil
	}).WithTemplate("Expected a page {{if .To}}of{{else}}not of{{end}} {{.Data}} with all its parts, got one of {{.Actual.Release}}, wrong in it: {{.Actual.Wrong}}", r)
}

// Release and Wrong are for messages.
func (w *view) Release() string { return string(w.release) }
func (w *view) Wrong() string   { return fmt.Sprint(w.wrong()) }
