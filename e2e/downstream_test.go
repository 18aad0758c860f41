package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a caching proxy between visitor and edge that ignores query strings", func() {
	It("makes the query string stale behind an edge that does everything right", func() {
		t := setUp(nestedQueryStrategy, 1, queryForwarded)
		school := t.behindNginx()
		Expect(school.visitor(t.binding).visit(homePage).later()).To(BeWhole(first))
		t.deploy(second)
		view := school.visitor(t.binding).visit(homePage)
		Expect(view.release).To(Equal(second))
		Expect(view.wrong()).To(ContainElements("stale css/mysite.min.css", "stale js/mysite.min.js"), "a visitor behind it")
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(second), "a visitor elsewhere sees nothing of it")
	})

	It("cannot harm the release in the path", func() {
		t := setUp(pathStrategy, 1, queryForwarded)
		school := t.behindNginx()
		returning := school.visitor(t.binding)
		Expect(returning.visit(homePage).later()).To(BeWhole(first))
		t.deploy(second)
		Expect(returning.visit(homePage).later()).To(BeWhole(second))
		Expect(school.visitor(t.binding).visit(homePage).later()).To(BeWhole(second))
	})
})

// behindNginx is the network of visitors whose requests to the edge go through
// such a proxy, Debian's nginx.
func (t *stage) behindNginx() network {
	GinkgoHelper()
	dir, port := folder("nginx"), freePort()
	config, err := os.ReadFile("sites/nginx.conf")
	Expect(err).NotTo(HaveOccurred())
	filled := strings.NewReplacer("DIR", dir, "PORT", port, "EDGE", address(t.edge.url)).Replace(string(config))
	path := filepath.Join(dir, "nginx.conf")
	Expect(os.WriteFile(path, []byte(filled), 0o644)).To(Succeed())
	start(exec.Command("/usr/sbin/nginx", "-c", path, "-p", dir, "-e", filepath.Join(dir, "error.log")))
	at := "127.0.0.1:" + port
	Eventually(func() error {
		c, err := net.Dial("tcp", at)
		if err == nil {
			c.Close()
		}
		return err
	}).Should(Succeed())
	return network{pageHost: t.world[pageHost], staticHost: at, mediaHost: at}
}
