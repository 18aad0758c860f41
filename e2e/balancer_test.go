package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// balancer stands before several servers as a load balancer without affinity
// does: each request goes to the next one, unless a spec has pinned it. It remembers
// what the origin was asked.
type balancer struct {
	url     string
	servers []http.Handler

	mu     sync.Mutex // protects what follows
	next   int
	pinned int      // index of the server that gets everything; -1: round robin
	asked  []string // paths and queries, oldest first
}

func startBalancer(servers ...*server) *balancer {
	GinkgoHelper()
	b := &balancer{pinned: -1}
	for _, s := range servers {
		to, err := url.Parse(s.url)
		Expect(err).NotTo(HaveOccurred())
		proxy := httputil.NewSingleHostReverseProxy(to)
		proxy.Transport = network{}.local()
		b.servers = append(b.servers, proxy)
	}
	door := httptest.NewServer(b)
	DeferCleanup(door.Close)
	b.url = door.URL
	return b
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	to := b.pinned
	if to < 0 {
		to = b.next % len(b.servers)
		b.next++
	}
	b.asked = append(b.asked, r.RequestURI)
	b.mu.Unlock()
	b.servers[to].ServeHTTP(w, r)
}

// pin sends every request to server i, counted from 0.
func (b *balancer) pin(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pinned = i
}

// roundRobin sends the next request to server i and goes on from there.
func (b *balancer) roundRobin(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pinned, b.next = -1, i
}

// askedFor are the requests whose path and query begin with prefix, oldest first.
func (b *balancer) askedFor(prefix string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := []string{}
	for _, uri := range b.asked {
		if strings.HasPrefix(uri, prefix) {
			found = append(found, uri)
		}
	}
	return found
}
