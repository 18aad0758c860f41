package e2e

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

var _ = Describe("the control door", func() {
	var (
		o *origin
		e *edge
	)
	BeforeEach(func() {
		o = startOrigin()
		e = serve("--origin", o.url)
	})
	// view is what a viewer gets: status and body.
	view := func(path string) (int, string) {
		GinkgoHelper()
		response, err := e.http.Get(e.url + path)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		Expect(err).NotTo(HaveOccurred())
		return response.StatusCode, string(body)
	}

	It("makes an origin fail so often, and tells of it while it happens", func() {
		request, err := http.NewRequest(http.MethodGet, e.control+"/staleproof/v1/events?kind=answered", nil)
		Expect(err).NotTo(HaveOccurred())
		stream, err := e.http.Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer stream.Body.Close()
		lines := bufio.NewScanner(stream.Body)
		Expect(lines.Scan()).To(BeTrue())
		e.ask(http.MethodPost, "faults", map[string]any{"type": "status", "attributes": map[string]any{"status": 503}, "times": 1}, nil)
		status, _ := view("/a")
		Expect(status).To(Equal(503))
		e.ask(http.MethodPost, "clock", map[string]string{"advance": "11s"}, nil) // errors are kept for 10 s
		status, body := view("/a")
		Expect(status).To(Equal(200))
		Expect(body).To(Equal("old"))
		Expect(o.requests()).To(HaveLen(1))
		var told []string
		for len(told) < 2 && lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				told = append(told, data)
			}
		}
		Expect(told).To(HaveExactElements(ContainSubstring(`"result":"Error"`), ContainSubstring(`"result":"Miss"`)))
	})

	It("forgets everything between two tests", func() {
		view("/a")
		o.says("new")
		_, body := view("/a")
		Expect(body).To(Equal("old"))
		e.ask(http.MethodPost, "reset", nil, nil)
		Expect(e.kept()).To(BeEmpty())
		_, body = view("/a")
		Expect(body).To(Equal("new"))
	})

	It("answers Prometheus, but no name that somebody else's DNS may have", func() {
		view("/a")
		for host, want := range map[string]int{"": 200, "evil.example": 403} {
			request, err := http.NewRequest(http.MethodGet, e.control+"/metrics", nil)
			Expect(err).NotTo(HaveOccurred())
			request.Host = host
			response, err := e.http.Do(request)
			Expect(err).NotTo(HaveOccurred())
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			Expect(err).NotTo(HaveOccurred())
			Expect(response.StatusCode).To(Equal(want), "%q: %s", host, body)
			if want == 200 {
				Expect(string(body)).To(MatchRegexp(`staleproof_answers_total\{.*result="Miss".*\} 1\n`))
			}
		}
	})

	It("shows people what happens until they press Ctrl-C", func() {
		c := exec.Command(program, "events")
		c.Env = append(c.Environ(), "STALEPROOF_CONTROL="+e.control)
		session := start(c)
		Eventually(func() string { view("/a"); return string(session.Out.Contents()) }).Should(ContainSubstring("TIME"))
		Eventually(session).Should(gbytes.Say(`Hit +200 +GET +127\.0\.0\.1:\d+/a +fresh`))
		session.Signal(syscall.SIGINT)
		Eventually(session).Should(gexec.Exit(0))
	})

	It("does not hold the end of the server up for who listens", func() {
		session := exec.Command(program, "events")
		session.Env = append(session.Environ(), "STALEPROOF_CONTROL="+e.control)
		listener := start(session)
		Eventually(func() string { view("/a"); return string(listener.Out.Contents()) }).Should(ContainSubstring("TIME"))
		e.process.Signal(syscall.SIGTERM)
		Eventually(e.process).Should(gexec.Exit(0))
		Eventually(listener).Should(gexec.Exit(0))
	})

	It("is not opened to all addresses without a word", func() {
		said, code := finish(exec.Command(program, "serve", "--origin", o.url, "--listen", "127.0.0.1:0", "--control", ":0"))
		Expect(code).To(Equal(2))
		Expect(said).To(ContainSubstring("hint: --control 127.0.0.1:0, or 0.0.0.0:0"))
		session := start(exec.Command(program, "serve", "--origin", o.url, "--listen", "127.0.0.1:0", "--control", "0.0.0.0:0"))
		Eventually(session).Should(gbytes.Say("WARNING: the control door is open to other machines"))
	})
})
