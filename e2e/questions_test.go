package e2e

import (
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the four questions", func() {
	for _, asked := range []struct {
		with  string
		get   get
		front string
	}{{"curl", curl, "own"}, {"Go", goClient, "own"}, {"Go", goClient, "net/http"}} {
		Describe("asked with "+asked.with+", answered by the front "+asked.front, func() {
			get := asked.get
			serve := func(args ...string) *edge {
				GinkgoHelper()
				return serve(append(args, "--front", asked.front)...)
			}
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
