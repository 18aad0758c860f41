package e2e

import (
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// cdkOrigin is the name that the CDK gave the bucket as an origin.
const cdkOrigin = "StaticSiteDistributionOrigin1DC6F84AD"

// cdkOut is the folder that "cdk synth" made of the app, once for all specs.
func cdkOut() string {
	GinkgoHelper()
	tools := npmInstalled("sites/cdk", "app.cjs")
	return synthesised(tools)
}

var synthesised = func() func(string) string {
	var once sync.Once
	var out string
	return func(tools string) string {
		GinkgoHelper()
		once.Do(func() {
			to := filepath.Join(folder("cdk"), "cdk.out")
			synth := exec.Command(filepath.Join(tools, "node_modules", ".bin", "cdk"), "synth", "--app", "node app.cjs",
				"--output", to, "--quiet", "--no-version-reporting", "--no-notices")
			synth.Dir = tools
			synth.Env = append(synth.Environ(), "CDK_DISABLE_CLI_TELEMETRY=true")
			said, err := synth.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), "%s", said)
			out = to
		})
		Expect(out).NotTo(BeEmpty(), "cdk synth failed before")
		return out
	}
}()

var _ = Describe("a distribution that the CDK made", Ordered, func() {
	var configuration string
	BeforeAll(func() { configuration = cdkOut() })

	for _, row := range []struct {
		name string
		// open starts what stands for the bucket: where it is, and what puts a body under every path of the specs
		open  func() (where string, says func(string))
		fresh time.Duration // how long what it says stays fresh
	}{
		{"a server", func() (string, func(string)) {
			o := startOrigin()
			return o.url, o.says
		}, time.Hour},
		{"a directory", func() (string, func(string)) {
			s := startSite(nil)
			says := func(body string) {
				for _, name := range []string{"assets/a.js", "assets/b.js", "assets/img/a.png", "css/site.css"} {
					s.write(name, body)
				}
			}
			says("old")
			return string(s), says
		}, 24 * time.Hour},
	} {
		Describe("the four questions, with "+row.name+" for its bucket", func() {
			var (
				e    *edge
				says func(string)
			)
			BeforeEach(func() {
				var where string
				where, says = row.open()
				e = serve("--config", configuration, "--origin-map", cdkOrigin+"="+where)
			})

			It("1: the old object keeps coming until its time is up, and not longer", func() {
				url := e.url + "/assets/a.js"
				Expect(goClient(url).body).To(Equal("old"))
				says("new")
				e.advance(row.fresh - time.Minute)
				late := goClient(url)
				Expect([]string{late.body, late.result()}).To(Equal([]string{"old", "Hit"}))
				e.advance(time.Minute + time.Second)
				Expect(goClient(url).body).To(Equal("new"))
			})

			It("2: query strings not in the key: ?v=2 returns the old object", func() {
				Expect(goClient(e.url + "/assets/a.js?v=1").body).To(Equal("old"))
				says("new")
				second := goClient(e.url + "/assets/a.js?v=2")
				Expect([]string{second.body, second.result()}).To(Equal([]string{"old", "Hit"}))
			})

			It("3: v in the key: ?v=2 returns the new object, and nothing but v counts", func() {
				Expect(goClient(e.url + "/css/site.css?v=1&utm_source=x").body).To(Equal("old"))
				says("new")
				Expect(goClient(e.url + "/css/site.css?v=2").body).To(Equal("new"))
				other := goClient(e.url + "/css/site.css?utm_source=y&v=1")
				Expect([]string{other.body, other.result()}).To(Equal([]string{"old", "Hit"}))
			})

			It("4: an invalidation clears what it covers, only that, and says which path matched nothing", func() {
				paths := []string{"/assets/a.js", "/assets/b.js", "/assets/img/a.png"}
				for _, path := range paths {
					Expect(goClient(e.url + path).body).To(Equal("old"))
				}
				says("new")
				done := e.invalidate("", "/assets/a.js", "/assets/img/*", "/nothing.css")
				Expect(done.Items[0].Covered).To(HaveLen(1))
				Expect(done.Items[1].Covered).To(HaveLen(1))
				Expect(done.Items[2].Covered).To(BeEmpty())
				var got []string
				for _, path := range paths {
					got = append(got, goClient(e.url+path).body)
				}
				Expect(got).To(Equal([]string{"new", "old", "new"}))
			})
		})
	}

	It("3: the origin sees v, and nothing but v", func() {
		o := startOrigin()
		e := serve("--config", configuration, "--origin-map", cdkOrigin+"="+o.url)
		goClient(e.url + "/css/site.css?v=1&utm_source=x")
		goClient(e.url + "/assets/a.js?v=1")
		Expect(o.requests()).To(Equal([]string{"/css/site.css?v=1", "/assets/a.js"}))
	})

	It("serves pages anew each time, with the security headers, and one page for what is not there", func() {
		s := startSite(map[string]string{"index.html": "home", "404.html": "lost"})
		e := serve("--config", configuration, "--origin-map", cdkOrigin+"="+string(s))
		home := goClient(e.url + "/")
		Expect(home.body).To(Equal("home"))
		Expect(home.header.Get("X-Content-Type-Options")).To(Equal("nosniff"))
		Expect(home.header.Get("Strict-Transport-Security")).To(Equal("max-age=31536000"))
		s.write("index.html", "new home")
		Expect(goClient(e.url + "/").body).To(Equal("new home"))
		gone := goClient(e.url + "/assets/gone.js")
		Expect(gone.status).To(Equal(404))
		Expect(gone.body).To(Equal("lost"))
	})
})
