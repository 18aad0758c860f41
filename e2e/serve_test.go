package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
)

var _ = Describe("serve", func() {
	var o *origin
	BeforeEach(func() { o = startOrigin() })

	It("reads what the AWS command line prints, and says what it serves", func() {
		port := o.url[strings.LastIndex(o.url, ":")+1:]
		config := bytes.ReplaceAll(testdata("get-distribution-config.json"), []byte("8000"), []byte(port))
		e := serve("--config", file("distribution.json", string(config)))
		Eventually(e.process).Should(gbytes.Say(`/static/\*`), "the table comes after the addresses")
		Expect(goClient(e.url + "/static/site.css?v=1").body).To(Equal("old"))
		Expect(goClient(e.url + "/page?v=1").body).To(Equal("old"))
		o.says("new")
		Expect(goClient(e.url + "/static/site.css?v=2").body).To(Equal("old"))
		Expect(goClient(e.url+"/page?v=2").body).To(Equal("new"), "the default behavior does not cache")
		Expect(o.requests()).To(Equal([]string{"/app/static/site.css", "/app/page?v=1", "/app/page?v=2"}))
	})

	It("has edge locations that know nothing of each other, and a regional edge cache that knows for them", func() {
		from := func(e *edge, pop int) answer {
			GinkgoHelper()
			request, err := http.NewRequest(http.MethodGet, e.url+"/site.css", nil)
			Expect(err).NotTo(HaveOccurred())
			request.Header.Set("Staleproof-Pop", fmt.Sprint(pop))
			response, err := e.http.Do(request)
			Expect(err).NotTo(HaveOccurred())
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			Expect(err).NotTo(HaveOccurred())
			return answer{response.StatusCode, response.Header, string(body)}
		}
		apart := serve("--origin", o.url, "--pops", "2")
		one := from(apart, 1)
		o.says("new")
		two := from(apart, 2)
		Expect([]string{one.body, two.body, from(apart, 1).body}).To(Equal([]string{"old", "new", "old"}))
		Expect(one.header.Get("X-Amz-Cf-Pop")).NotTo(Equal(two.header.Get("X-Amz-Cf-Pop")))

		together := serve("--origin", o.url, "--pops", "2", "--regional")
		Expect(from(together, 1).body).To(Equal("new"))
		o.says("newest")
		Expect(from(together, 2).body).To(Equal("new"))
		Expect(together.invalidate("", "/site.css").Items[0].Covered).NotTo(BeEmpty())
		Expect(from(together, 2).body).To(Equal("newest"))
	})

	It("explains what it would do, and why", func() {
		e := serve("--origin", o.url)
		goClient(e.url + "/site.css?v=1")
		question := e.url + "/site.css?v=2"
		out, code := e.command("explain", question)
		Expect(code).To(Equal(0), out)
		Expect(out).To(ContainSubstring("Hit"))
		Expect(out).To(MatchRegexp(`(?i)not in the key\s.*\bv\b`))
		Expect(out).To(ContainSubstring("CachingOptimized"))
		why := e.explain(question)
		Expect(why.Result).To(Equal("Hit"))
		Expect(why.Reason).NotTo(BeEmpty())
		Expect(why.Key).To(And(ContainSubstring("/site.css"), Not(ContainSubstring("v=2"))))
		Expect(why.LeftOut).To(ContainElement(HaveField("Name", "v")))
		Expect(out).To(ContainSubstring(why.Reason), "the command and the door say the same")
		Expect(o.requests()).To(HaveLen(1), "explaining asks no origin")
	})

	It("moves its clock forward for a command, by days if need be", func() {
		e := serve("--origin", o.url)
		goClient(e.url + "/site.css")
		o.says("new")
		out, code := e.command("clock", "advance", "24h")
		Expect(code).To(Equal(0), out)
		Expect(goClient(e.url + "/site.css").body).To(Equal("new"))
	})

	It("writes a line for each request when asked to", func() {
		log := folder("log") + "/access.log"
		e := serve("--origin", o.url, "--access-log", log)
		goClient(e.url + "/site.css?v=1")
		goClient(e.url + "/site.css?v=2")
		e.stop()
		lines := slices.Collect(strings.Lines(read(log)))
		// A line is written when the answer is out, so that two connections may swap theirs.
		Expect(lines).To(ConsistOf(
			And(ContainSubstring("/site.css?v=1"), ContainSubstring("Miss")),
			And(ContainSubstring("/site.css?v=2"), ContainSubstring("Hit")),
		))
	})
})
