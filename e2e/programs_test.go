package e2e

import (
	"os/exec"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// redisServer is a running redis-server that keeps nothing on disk.
type redisServer struct {
	*gexec.Session
	port string
}

// startRedis starts one on a free port, or on the port of one that is gone.
func startRedis(port string) redisServer {
	GinkgoHelper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		Skip("there is no redis-server; install it with: apt-get install -y redis-server")
	}
	s := start(exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", folder("redis")))
	Eventually(s).Should(gbytes.Say("Ready to accept connections"))
	return redisServer{s, port}
}

var _ = Describe("several programs on one Redis", func() {
	var (
		o     *origin
		redis redisServer
	)
	BeforeEach(func() {
		o = startOrigin()
		redis = startRedis(freePort())
	})
	// next is one more program that shares the regional tier.
	next := func(more ...string) *edge {
		GinkgoHelper()
		return serve(append([]string{"--origin", o.url, "--regional", "--store", "redis://127.0.0.1:" + redis.port}, more...)...)
	}

	It("INV-21: an invalidation sent to one is obeyed by all, and by those that come later", func() {
		a, b := next(), next()
		Expect(goClient(a.url + "/site.css").body).To(Equal("old"))
		Expect(goClient(b.url + "/site.css").body).To(Equal("old"))
		Expect(o.requests()).To(HaveLen(1), "the regional tier is shared")

		o.says("new")
		a.invalidate("", "/site.css")
		Expect(goClient(a.url + "/site.css").body).To(Equal("new"))
		Eventually(func() string { return goClient(b.url + "/site.css").body }).Should(Equal("new"))
		Expect(o.requests()).To(HaveLen(2), "the other one found it in the regional tier")

		late := next()
		Expect(goClient(late.url + "/site.css").body).To(Equal("new"))
		Expect(o.requests()).To(HaveLen(2))
	})

	It("INV-21: each obeys after its own delay", func() {
		a, b := next(), next("--invalidation-delay", "1m")
		Expect(goClient(b.url + "/site.css").body).To(Equal("old"))
		o.says("new")
		a.invalidate("", "/*")
		Expect(goClient(a.url + "/site.css").body).To(Equal("new"))
		var list []invalidation
		Eventually(func() int {
			b.ask("GET", "invalidations", nil, &list)
			return len(list)
		}).Should(Equal(1), "the other one has heard of it")
		Expect(goClient(b.url + "/site.css").body).To(Equal("old"))
		b.advance(time.Minute)
		Expect(goClient(b.url + "/site.css").body).To(Equal("new"))
	})

	It("a Redis that begins anew cuts off those that knew the old one: they say so and serve on", func() {
		a := next()
		Expect(goClient(a.url + "/site.css").body).To(Equal("old"))
		redis.Terminate()
		Eventually(redis).Should(gexec.Exit())
		redis = startRedis(redis.port)
		Eventually(a.process.Err).Should(gbytes.Say("shared list of invalidations.* was lost"))
		o.says("new")
		Expect(goClient(a.url+"/site.css").body).To(Equal("new"), "what was shared is not used any more")
		Expect(goClient(a.url + "/site.css").result()).To(Equal("Hit"))

		b := next()
		Expect(goClient(b.url + "/site.css").body).To(Equal("new"))
		o.says("newer")
		output, code := a.command("invalidate", "/site.css")
		Expect(code).NotTo(BeZero(), output)
		Expect(output).To(ContainSubstring("start this one again"))
		Expect(goClient(a.url+"/site.css").body).To(Equal("newer"), "it holds here alone")
	})
})
