package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
)

var _ = Describe("a configuration that changes while it is served", func() {
	var (
		o      *origin
		site   siteFolder
		config string
	)
	// says gives the configuration one behavior for /old/* or /new/* from the site.
	text := func(pattern string) string {
		return fmt.Sprintf(`
origins: {web: %q, site: {domain: site.s3.eu-central-1.amazonaws.com, s3: true}}
defaultCacheBehavior: {origin: web, policy: CachingOptimized}
cacheBehaviors: [{pathPattern: %s, origin: site, policy: CachingOptimized}]
`, o.url, pattern)
	}
	BeforeEach(func() {
		o = startOrigin()
		site = startSite(map[string]string{"a/x": "site", "b/x": "site"})
		config = file("distribution.yaml", text("/a/*"))
	})
	// replace puts a new file in the place of the old one, as editors do.
	replace := func(content string) {
		GinkgoHelper()
		next := filepath.Join(filepath.Dir(config), ".distribution.yaml.swp")
		Expect(os.WriteFile(next, []byte(content), 0o644)).To(Succeed())
		Expect(os.Rename(next, config)).To(Succeed())
	}

	It("is read again in under a second, with --watch; an invalid one is said and changes nothing", func() {
		e := serve("--config", config, "--origin-map", "site="+string(site), "--watch")
		Expect([]string{goClient(e.url + "/a/x").body, goClient(e.url + "/b/x").body}).To(Equal([]string{"site", "old"}))

		began := time.Now()
		replace(text("/b/*"))
		Eventually(e.process.Out).Should(gbytes.Say("configuration read again: it is served now"))
		Expect(time.Since(began)).To(BeNumerically("<", time.Second))
		Expect(goClient(e.url+"/b/x?new").body).To(Equal("old"), "what is stored stays, as at CloudFront")
		e.invalidate("", "/*")
		Expect([]string{goClient(e.url + "/a/x").body, goClient(e.url + "/b/x").body}).To(Equal([]string{"old", "site"}), "and the map of origins, too")

		replace(text("/b/*") + "nonsense: 1\n")
		Eventually(e.process.Err).Should(gbytes.Say(`error: .*distribution\.yaml:5: .*nonsense`))
		Eventually(e.process.Err).Should(gbytes.Say("the configuration before it is still served"))
		Expect(goClient(e.url + "/b/x").body).To(Equal("site"))

		Expect(os.WriteFile(config, []byte(text("/a/*")), 0o644)).To(Succeed(), "in place")
		Eventually(e.process.Out).Should(gbytes.Say("configuration read again: it is served now"))
		e.invalidate("", "/*")
		Expect(goClient(e.url + "/a/x").body).To(Equal("site"))
	})

	It("is read again at SIGHUP without it", func() {
		e := serve("--config", config, "--origin-map", "site="+string(site))
		replace(text("/b/*"))
		e.process.Signal(syscall.SIGHUP)
		Eventually(e.process.Out).Should(gbytes.Say("configuration read again: it is served now"))
		Expect(goClient(e.url + "/b/x").body).To(Equal("site"))
		replace("origins: {web: http://127.0.0.1:1}\ndefaultCacheBehavior: {origin: web, policy: CachingOptimized}\n")
		e.process.Signal(syscall.SIGHUP)
		Eventually(e.process.Err).Should(gbytes.Say("error: --origin-map: there is no origin site"), "the place of an origin that is gone")
		Expect(goClient(e.url + "/b/x").body).To(Equal("site"))
	})
})
