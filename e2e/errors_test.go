package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// BeOneSentence succeeds for the output of a refused command: an error of one
// line that names what it should, and says what to do after a semicolon or on a
// line of its own; no trace.
func BeOneSentence(about ...string) types.GomegaMatcher {
	all := []types.GomegaMatcher{
		WithTransform(func(out string) int { return strings.Count(strings.TrimSpace(out), "\n") + 1 }, BeNumerically("<=", 2)),
		ContainSubstring("staleproof: error: "),
		Or(ContainSubstring("hint: "), ContainSubstring("; ")),
		Not(ContainSubstring("goroutine ")),
		Not(ContainSubstring("panic")),
	}
	for _, a := range about {
		all = append(all, ContainSubstring(a))
	}
	return And(all...)
}

var _ = Describe("what is asked wrongly", func() {
	// Each entry is a configuration and what the sentence must name.
	DescribeTable("in a configuration is refused with file, line and field, exit code 2",
		func(config string, about ...string) {
			path := file("site.yaml", config)
			out, code := run("serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--config", path)
			Expect(code).To(Equal(2), out)
			Expect(out).To(BeOneSentence(append(about, filepath.Base(path))...))
		},
		Entry("an unknown key", "origins: {web: http://localhost:8000}\ndefaultCacheBehaviour: {policy: CachingOptimized}\n",
			"site.yaml:2", "defaultCacheBehaviour"),
		Entry("an origin that is not there", "origins: {web: http://localhost:8000}\ndefaultCacheBehavior:\n  origin: webb\n  policy: CachingOptimized\n",
			"site.yaml:3", "webb"),
		Entry("no origin at all", "defaultCacheBehavior: {policy: CachingOptimized}\n", "origin"),
		Entry("min TTL above max", "origins: {web: http://localhost:8000}\ndefaultCacheBehavior:\n  policy:\n    minTTL: 61s\n    defaultTTL: 60s\n    maxTTL: 60s\n",
			"site.yaml:", "minTTL"),
		Entry("no YAML", "origins: {web: [\n", "site.yaml:"),
	)

	It("in the JSON of the AWS command line names the field", func() {
		config := strings.Replace(string(testdata("get-distribution-config.json")), `"TargetOriginId": "apache"`, `"TargetOriginId": "nginx"`, 1)
		out, code := run("serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--config", file("config.json", config))
		Expect(code).To(Equal(2), out)
		Expect(out).To(BeOneSentence("config.json", "TargetOriginId", "nginx"))
	})

	DescribeTable("on the command line is refused with a hint, exit code 2",
		func(args func() []string, about ...string) {
			out, code := run(args()...)
			Expect(code).To(Equal(2), out)
			Expect(out).To(BeOneSentence(about...))
		},
		Entry("no origin", func() []string { return []string{"serve", "--origin", ""} }, "--origin"),
		Entry("an origin that is no URL", func() []string { return []string{"serve", "--origin", "localhost"} }, "localhost"),
		Entry("a file that is not there", func() []string { return []string{"serve", "--config", "/nowhere/site.yaml"} }, "/nowhere/site.yaml"),
		Entry("a folder as a file", func() []string { return []string{"serve", "--config", os.TempDir()} }, os.TempDir()),
		Entry("a log that cannot be written", func() []string {
			return []string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--origin", "http://localhost:1", "--access-log", os.TempDir()}
		}, os.TempDir()),
		Entry("a query selection that is none", func() []string { return []string{"serve", "--origin", "http://localhost:1", "--query", "some"} }, "some"),
		Entry("an unknown command", func() []string { return []string{"server"} }, "server"),
		Entry("an unknown flag", func() []string { return []string{"serve", "--orign", "http://localhost:1"} }, "orign"),
		Entry("no running staleproof", func() []string { return []string{"clock", "--control", "http://127.0.0.1:" + freePort()} }, "127.0.0.1"),
		Entry("a path without a slash", func() []string {
			return []string{"invalidate", "--control", serve("--origin", "http://localhost:1").control, "css/site.css"}
		}, "css/site.css"),
	)

	It("a port that is taken is named", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer l.Close()
		taken := l.Addr().String()
		for _, flag := range []string{"--listen", "--control"} {
			other := map[string]string{"--listen": "--control", "--control": "--listen"}[flag]
			out, code := run("serve", "--origin", "http://localhost:1", flag, taken, other, "127.0.0.1:0")
			Expect(code).To(Equal(2), out)
			Expect(out).To(BeOneSentence(taken, flag))
		}
	})
})

var _ = Describe("an origin that fails", func() {
	// slowly is an edge whose origin has a second to say something, once: the only
	// real time that these specs take.
	slowly := func(origin string) *edge {
		GinkgoHelper()
		return serve("--config", file("site.yaml", fmt.Sprintf(`
origins: {web: {url: %q, connectionAttempts: 1, connectionTimeout: 1s, readTimeout: 1s}}
defaultCacheBehavior: {policy: CachingOptimized}
`, origin)))
	}

	It("being down is a 502 with CloudFront's page [ORG-12]", func() {
		e := serve("--origin", "http://127.0.0.1:"+freePort())
		got := goClient(e.url + "/site.css")
		Expect(got.status).To(Equal(http.StatusBadGateway))
		Expect(got.header.Get("X-Cache")).To(Equal("Error from cloudfront"))
		Expect(got.body).To(ContainSubstring("502 ERROR"))
		Expect(e.kept()).To(BeEmpty())
	})

	It("being slow is a 504 [ORG-14]", func() {
		o := startOrigin()
		o.does(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		e := slowly(o.url)
		got := goClient(e.url + "/site.css")
		Expect(got.status).To(Equal(http.StatusGatewayTimeout))
		Expect(got.header.Get("X-Cache")).To(Equal("Error from cloudfront"))
		Expect(o.requests()).To(HaveLen(1))
		Expect(e.kept()).To(BeEmpty())
	})

	// Each entry is what the origin sends before it closes the connection.
	DescribeTable("leaves nothing in the cache that was not whole [COND-11]",
		func(sent string) {
			e := serve("--origin", rawOrigin(sent))
			for range 2 {
				response, err := e.http.Get(e.url + "/site.css")
				Expect(err).NotTo(HaveOccurred())
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				Expect(err).To(HaveOccurred(), "the viewer must notice that %q is not all", body)
				Expect(response.Header.Get("X-Cache")).To(Equal("Miss from cloudfront"))
			}
			Expect(e.kept()).To(BeEmpty())
		},
		Entry("when it is cut in the middle", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nCache-Control: max-age=60\r\n\r\n"+strings.Repeat("a", 50000)),
		Entry("when it says one byte too many", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nCache-Control: max-age=60\r\n\r\nhello"),
		Entry("when the last chunk is missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n\r\n5\r\nhello\r\n"),
	)

	It("falling silent in the middle is the same [ORG-14]", func() {
		o := startOrigin()
		o.does(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		e := slowly(o.url)
		response, err := e.http.Get(e.url + "/site.css")
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		Expect(err).To(HaveOccurred(), "the viewer must notice that %q is not all", body)
		Expect(e.kept()).To(BeEmpty())
	})

	It("sending more than it said is held to its word", func() {
		e := serve("--origin", rawOrigin("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=60\r\n\r\nhello, and more"))
		Expect(goClient(e.url + "/site.css").body).To(Equal("hello"))
		again := goClient(e.url + "/site.css")
		Expect(again.body).To(Equal("hello"))
		Expect(again.result()).To(Equal("Hit"))
	})

	It("with an old object at hand serves that [STALE-11]", func() {
		o := startOrigin()
		e := serve("--origin", o.url)
		Expect(goClient(e.url + "/site.css").body).To(Equal("old"))
		o.does(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		e.advance(2 * day)
		Expect(goClient(e.url + "/site.css").body).To(Equal("old"))
	})
})

var _ = Describe("a standard output that takes nothing", func() {
	// Each entry prints something and would end with 0 or 1.
	DescribeTable("is an error, exit code 2",
		func(args ...string) {
			if _, err := os.Stat("/dev/full"); err != nil {
				Skip("/dev/full is Linux's")
			}
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			Expect(err).NotTo(HaveOccurred())
			defer full.Close()
			var errs strings.Builder
			cmd := exec.Command(program, args...)
			cmd.Stdout, cmd.Stderr = full, &errs
			Expect(cmd.Run()).NotTo(Succeed())
			Expect(cmd.ProcessState.ExitCode()).To(Equal(2), errs.String())
			Expect(errs.String()).To(HaveSuffix("no space left on device\n"))
		},
		Entry("of help", "prove", "--help"),
		Entry("of a list", "replay", "--list"),
		Entry("of a story", "scenario", "run", "query-all"),
	)
})
