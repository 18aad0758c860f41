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
// does: each request goes to the next one. It remembers what it was asked.
type balancer struct {
	url string

	mu      sync.Mutex // protects what follows
	servers []http.Handler
	next    int
	asked   []string // paths and queries, oldest first
}

func startBalancer(servers ...*server) *balancer {
	GinkgoHelper()
	b := &balancer{}
	for _, s := range servers {
		b.servers = append(b.servers, towards(s.url))
	}
	door := httptest.NewServer(b)
	DeferCleanup(door.Close)
	b.url = door.URL
	return b
}

// towards hands requests on to a server.
func towards(server string) http.Handler {
	GinkgoHelper()
	to, err := url.Parse(server)
	Expect(err).NotTo(HaveOccurred())
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.Transport = network{}.local()
	return proxy
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	to := b.servers[b.next%len(b.servers)]
	b.next++
	b.asked = append(b.asked, r.RequestURI)
	b.mu.Unlock()
	to.ServeHTTP(w, r)
}

// replace puts another server in the place of server i, as a rolling deploy does.
func (b *balancer) replace(i int, server string) {
	GinkgoHelper()
	by := towards(server)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.servers[i] = by
}

// split lets the path decide which server is asked: the one with the longest prefix.
func (b *balancer) split(servers map[string]string) {
	GinkgoHelper()
	by := map[string]http.Handler{}
	for prefix, server := range servers {
		by[prefix] = towards(server)
	}
	choose := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		best := ""
		for prefix := range by {
			if strings.HasPrefix(r.URL.Path, prefix) && len(prefix) > len(best) {
				best = prefix
			}
		}
		by[best].ServeHTTP(w, r)
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.servers {
		b.servers[i] = choose
	}
}

// roundRobin sends the next request to server i and goes on from there.
func (b *balancer) roundRobin(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next = i
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
