package e2e

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// straight is the network without an edge: the names of the distributions lead
// to the folders of the server, and nothing in between remembers anything.
func straight(apache *server) network {
	GinkgoHelper()
	folders := map[string]*url.URL{}
	for host, path := range map[string]string{staticHost: "/static", mediaHost: "/media"} {
		to, err := url.Parse(apache.url + path)
		Expect(err).NotTo(HaveOccurred())
		folders[host] = to
	}
	door := httptest.NewServer(&httputil.ReverseProxy{
		Transport: network{}.local(),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(folders[r.In.Host])
		},
	})
	DeferCleanup(door.Close)
	at := address(door.URL)
	return network{pageHost: address(apache.url), staticHost: at, mediaHost: at}
}
