package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// origin is a small web server of which a spec says what it answers. What it is
// asked is counted in order.
type origin struct {
	url string

	mu     sync.Mutex // protects what follows
	answer http.HandlerFunc
	asked  []string
}

func startOrigin() *origin {
	o := &origin{}
	o.says("old")
	s := httptest.NewServer(o)
	DeferCleanup(s.Close)
	o.url = s.URL
	return o
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked = append(o.asked, r.RequestURI)
	answer := o.answer
	o.mu.Unlock()
	answer(w, r)
}

// does makes the origin answer everything so from now on.
func (o *origin) does(answer http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

// says makes the origin answer everything with this body, fresh for an hour.
func (o *origin) says(body string) {
	o.does(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		fmt.Fprint(w, body)
	})
}

func (o *origin) requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string{}, o.asked...)
}

// rawOrigin answers every connection with the same bytes as soon as something was
// asked, and closes it: what no web server can be made to say.
func rawOrigin(bytes string) (url string) {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed: the spec is over
			}
			all.Go(func() {
				defer c.Close()
				if n, _ := c.Read(make([]byte, 64<<10)); n > 0 {
					fmt.Fprint(c, bytes)
				}
			})
		}
	})
	DeferCleanup(func() {
		l.Close()
		all.Wait()
	})
	return "http://" + l.Addr().String()
}
