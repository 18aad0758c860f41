package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// Names of the article's site. They mean loopback ports only to this package's
// clients: a network resolves them, as /etc/hosts would.
const (
	pageHost   = "mysite.com"
	staticHost = "d111111abcdef8.cloudfront.net"
	mediaHost  = "d222222abcdef8.cloudfront.net"
)

// network says at which loopback address a name is reached.
type network map[string]string

// transport makes connections through the network; a name outside it cannot be
// reached. It asks for no compression: bytes are compared as they are sent.
func (n network) transport() *http.Transport {
	var dialer net.Dialer
	t := &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			to, ok := n[host]
			if !ok {
				return nil, fmt.Errorf("%s is not in this network", host)
			}
			return dialer.DialContext(ctx, "tcp", to)
		},
	}
	DeferCleanup(t.CloseIdleConnections)
	return t
}

// freePort is a loopback port that nobody had a moment ago.
func freePort() string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	return port
}

// address is the host and port of a URL without a path.
func address(url string) string { return strings.TrimPrefix(url, "http://") }
