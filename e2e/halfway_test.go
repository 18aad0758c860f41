package e2e

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// day is what the site's files say they stay fresh, and the edge's default.
const day = 24 * time.Hour

var _ = Describe("the half-way set-up: a CDN in front, the same names in every release", func() {
	var t *stage
	everything := []string{
		"stale css/mysite.min.css", "stale fonts/mysite.woff2", "stale img/logo.png", "stale js/chat.js", "stale js/mysite.min.js",
	}

	BeforeEach(func() { t = setUp(noStrategy, 1, queryLeftOut) })

	It("T3: is stale until the objects' time is up, and not longer", func() {
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(first))
		t.deploy(second)
		view := t.visitor().visit(homePage).later()
		Expect(view.release).To(Equal(second))
		Expect(view.wrong()).To(Equal(everything))

		t.advance(day - 10*time.Minute)
		Expect(t.visitor().visit(homePage).later().wrong()).To(Equal(everything), "ten minutes before the day is over")
		t.advance(10*time.Minute + time.Second)
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(second), "a day later")
	})

	It("T11: is cured at the edge by an invalidation, which no browser hears of", func() {
		returning := t.visitor()
		Expect(returning.visit(homePage).later()).To(BeWhole(first))
		t.deploy(second)
		done := t.invalidate(staticDistribution, "/*")
		Expect(done.Items[0].Covered).NotTo(BeEmpty())
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(second), "a fresh visitor")
		view := returning.visit(homePage).later()
		Expect(view.release).To(Equal(second))
		Expect(view.wrong()).To(Equal(everything), "a returning visitor's own cache")
	})

	It("has the invalidation counted and priced, a wildcard as one path", func() {
		Expect(t.visitor().visit(homePage)).To(BeWhole(first))
		out, code := t.command("invalidate", "--distribution", staticDistribution, "/*")
		Expect(code).To(Equal(0), out)
		Expect(out).To(MatchRegexp(`\b1 path\b`))
		Expect(out).To(ContainSubstring("$0.005"))

		paths := []string{"invalidate", "--distribution", staticDistribution}
		for i := range 1001 {
			paths = append(paths, fmt.Sprintf("/css/%d.css", i))
		}
		out, code = t.command(paths...)
		Expect(code).To(Equal(0), out)
		Expect(out).To(MatchRegexp(`\b1,?001 paths\b`))
		Expect(out).To(ContainSubstring("$0.01"), "1 and 1,001 paths are two more than the 1,000 that are free")
	})
})
