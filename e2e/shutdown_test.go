package e2e

import (
	"io"
	"net"
	"net/http"
	"os"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

var _ = DescribeTable("a signal with a request in flight lets it finish, then ends with exit code 0",
	func(signal os.Signal) {
		o := startOrigin()
		goOn := make(chan struct{})
		o.does(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "the first half")
			http.NewResponseController(w).Flush()
			<-goOn
			io.WriteString(w, " and the second")
		})
		e := serve("--origin", o.url)
		response, err := e.http.Get(e.url + "/slow")
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()

		e.process.Signal(signal)
		Eventually(func() error {
			c, err := net.Dial("tcp", address(e.url))
			if err == nil {
				c.Close()
			}
			return err
		}).Should(HaveOccurred(), "it must accept no more")
		Expect(e.process.ExitCode()).To(Equal(-1), "it must not have ended yet")
		close(goOn)
		body, err := io.ReadAll(response.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(body)).To(Equal("the first half and the second"))
		Eventually(e.process).Should(gexec.Exit(0))
		Expect(string(e.process.Err.Contents())).NotTo(ContainSubstring("error"))
	},
	Entry("SIGTERM", syscall.SIGTERM),
	Entry("Ctrl-C", os.Interrupt),
)

// stop ends the edge as its user would and waits until it has ended well.
func (e *edge) stop() {
	GinkgoHelper()
	e.process.Interrupt()
	Eventually(e.process).Should(gexec.Exit(0))
}
