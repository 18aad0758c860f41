package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
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

var _ = DescribeTable("a signal to what takes long has it print what is known; a second one ends it at once",
	func(signal syscall.Signal) {
		out, stdout, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		defer out.Close()
		defer stdout.Close()
		c := exec.Command(program, "prove", "--json", "--more-modes", "--visitors", "returning,returning,service worker", "--outages", "2")
		c.Stdout = stdout
		stderr, err := c.StderrPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Start()).To(Succeed())
		DeferCleanup(func() { c.Process.Kill() })
		line, err := bufio.NewReader(stderr).ReadString('\n')
		Expect(err).NotTo(HaveOccurred())
		Expect(line).To(HavePrefix("proving "))
		Expect(c.Process.Signal(signal)).To(Succeed())
		first := make([]byte, 1) // and no more, so that it is not done with printing
		_, err = out.Read(first)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(first)).To(Equal("{"))
		Expect(c.Process.Signal(signal)).To(Succeed())
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		Eventually(ended).Should(Receive())
		status, _ := c.ProcessState.Sys().(syscall.WaitStatus)
		Expect(status.Signal()).To(Equal(signal))
	},
	Entry("SIGTERM", syscall.SIGTERM),
	Entry("Ctrl-C", syscall.SIGINT),
)

var _ = It("a signal to replay says which counterexample was not played, exit code 1", func() {
	args := []string{"replay", "--on", "edge"}
	for range 10 { // more than a pipe holds, so that it is not done before the signal
		args = append(args, "golden")
	}
	c := exec.Command(program, args...)
	stdout, err := c.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	var errs strings.Builder
	c.Stderr = &errs
	Expect(c.Start()).To(Succeed())
	DeferCleanup(func() { c.Process.Kill() })
	_, err = stdout.Read(make([]byte, 1))
	Expect(err).NotTo(HaveOccurred())
	Expect(c.Process.Signal(os.Interrupt)).To(Succeed())
	_, err = io.Copy(io.Discard, stdout)
	Expect(err).NotTo(HaveOccurred())
	c.Wait()
	Expect(c.ProcessState.ExitCode()).To(Equal(1), errs.String())
	Expect(errs.String()).To(MatchRegexp(`^staleproof: stopped: T\S+ was not played to its end, nor what comes after it\n$`))
})

// stop ends the edge as its user would and waits until it has ended well.
func (e *edge) stop() {
	GinkgoHelper()
	e.process.Interrupt()
	Eventually(e.process).Should(gexec.Exit(0))
}
