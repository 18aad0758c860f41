package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
)

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// result is CloudFront's word, the first of X-Cache.
func (a answer) result() string {
	word, _, _ := strings.Cut(a.header.Get("X-Cache"), " ")
	return word
}

// get is an HTTP client, as a person or a program would use one.
type get func(url string) answer

// curl is the real one.
func curl(url string) answer {
	GinkgoHelper()
	const mark = "\n--status "
	out, err := exec.Command("curl", "--silent", "--show-error", "--include", "--write-out", mark+"%{http_code}", url).Output()
	Expect(err).NotTo(HaveOccurred(), "curl %s", url)
	head, rest, ok := strings.Cut(string(out), "\r\n\r\n")
	Expect(ok).To(BeTrue(), "%s", out)
	end := strings.LastIndex(rest, mark)
	status, err := strconv.Atoi(rest[end+len(mark):])
	Expect(err).NotTo(HaveOccurred())
	a := answer{status: status, header: http.Header{}, body: rest[:end]}
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			a.header.Add(name, value)
		}
	}
	return a
}

// goClient is Go's own.
func goClient(url string) answer {
	GinkgoHelper()
	client := http.Client{Transport: network{}.local()}
	response, err := client.Get(url)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return answer{response.StatusCode, response.Header, string(body)}
}

var _ = Describe("the four questions", func() {
	for name, get := range map[string]get{"curl": curl, "Go": goClient} {
		Describe("asked with "+name, func() {
			var o *origin
			BeforeEach(func() { o = startOrigin() })

			It("1: the same URL with new bytes at the origin: the old object keeps coming until its time is up, and not longer", func() {
				e := serve("--origin", o.url)
				site := e.url + "/site.css"
				Expect(get(site).body).To(Equal("old"))
				o.says("new")
				e.advance(time.Hour - time.Minute)
				late := get(site)
				Expect(late.body).To(Equal("old"), "a minute before its hour is over")
				Expect(late.result()).To(Equal("Hit"))
				Expect(strconv.Atoi(late.header.Get("Age"))).To(BeNumerically("~", 3540, 30))
				e.advance(time.Minute + time.Second)
				Expect(get(site).body).To(Equal("new"), "an hour later")
				Expect(o.requests()).To(HaveLen(2))
			})

			It("2: query strings not in the key: ?v=2 returns the old object", func() {
				e := serve("--origin", o.url)
				Expect(get(e.url + "/site.css?v=1").body).To(Equal("old"))
				o.says("new")
				second := get(e.url + "/site.css?v=2")
				Expect(second.body).To(Equal("old"))
				Expect(second.result()).To(Equal("Hit"))
				Expect(o.requests()).To(Equal([]string{"/site.css"}), "the origin saw one request, and no query string")
			})

			It("3: v in the key: ?v=2 returns the new object and the origin saw v, and nothing but v", func() {
				e := serve("--origin", o.url, "--query", "allow:v")
				Expect(get(e.url + "/site.css?v=1&utm_source=x").body).To(Equal("old"))
				o.says("new")
				Expect(get(e.url + "/site.css?v=2").body).To(Equal("new"))
				Expect(get(e.url+"/site.css?v=1").body).To(Equal("old"), "the other key keeps its object")
				Expect(o.requests()).To(Equal([]string{"/site.css?v=1", "/site.css?v=2"}))
			})

			It("4: an invalidation clears what it covers, only that, and says which path matched nothing", func() {
				e := serve("--origin", o.url)
				paths := []string{"/css/a.css", "/css/b.css", "/img/a.png", "/img/b.png"}
				for _, p := range paths {
					Expect(get(e.url + p).body).To(Equal("old"))
				}
				o.says("new")
				done := e.invalidate("", "/css/a.css", "/img/*", "/nothing.css")
				Expect(done.Items[0].Covered).To(HaveLen(1))
				Expect(done.Items[1].Covered).To(HaveLen(2))
				Expect(done.Items[2].Item).To(Equal("/nothing.css"))
				Expect(done.Items[2].Covered).To(BeEmpty())
				got := map[string]string{}
				for _, p := range paths {
					got[p] = get(e.url + p).body
				}
				Expect(got).To(Equal(map[string]string{
					"/css/a.css": "new", "/css/b.css": "old", "/img/a.png": "new", "/img/b.png": "new",
				}))
				Expect(get(e.url + "/css/a.css").result()).To(Equal("Hit"))
			})
		})
	}
})

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
		Expect(lines).To(HaveLen(2))
		Expect(lines[0]).To(And(ContainSubstring("/site.css?v=1"), ContainSubstring("Miss")))
		Expect(lines[1]).To(And(ContainSubstring("/site.css?v=2"), ContainSubstring("Hit")))
	})
})
