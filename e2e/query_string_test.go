package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the release in the query string", func() {
	It("is stale behind a distribution that leaves query strings out of the key", func() {
		t := setUp(queryStrategy, 1, queryLeftOut)
		returning := t.visitor()
		Expect(returning.visit(homePage).later()).To(BeWhole(first))
		t.deploy(second)
		for who, v := range map[string]*visitor{"a fresh visitor": t.visitor(), "a returning visitor": returning} {
			view := v.visit(homePage)
			Expect(view.release).To(Equal(second), who)
			Expect(view.wrong()).To(ContainElements("stale css/mysite.min.css", "stale js/mysite.min.js"), who)
		}
		Expect(t.door.askedFor("/static/css/mysite.min.css")).To(Equal([]string{"/static/css/mysite.min.css"}),
			"the origin is asked once, and without the query string")
	})

	// The shortest failures need nested references that carry the version, too:
	// bare ones are stale by themselves, see below.
	Describe("everywhere, and forwarded", func() {
		It("holds for a deploy on one server", func() {
			t := setUp(nestedQueryStrategy, 1, queryForwarded)
			returning := t.visitor()
			Expect(returning.visit(homePage).later()).To(BeWhole(first))
			t.deploy(second)
			Expect(t.visitor().visit(homePage).later()).To(BeWhole(second))
			Expect(returning.visit(homePage).later()).To(BeWhole(second))
			Expect(t.door.askedFor("/static/css/mysite.min.css")).To(Equal([]string{
				"/static/css/mysite.min.css?version=mysite-1.0", "/static/css/mysite.min.css?version=mysite-1.1",
			}))
		})

		It("T1: is stale after a rolling deploy over two servers, for everybody, when the deploy is long over", func() {
			t := setUp(nestedQueryStrategy, 2, queryForwarded)
			t.servers[0].deploy(second)
			t.door.roundRobin(0) // the new page from the first server, its stylesheet from the second
			during := t.visitor().visit(homePage)
			Expect(during.release).To(Equal(second))
			Expect(during.wrong()).To(ContainElement(HavePrefix("stale ")))

			t.servers[1].deploy(second)
			after := t.visitor().visit(homePage)
			Expect(after.release).To(Equal(second))
			Expect(after.wrong()).To(Equal(during.wrong()), "the old bytes are kept under the new URL")
		})

		It("T2: is ahead after a rollback, though there is one server and the deploys are atomic", func() {
			t := setUp(nestedQueryStrategy, 1, queryForwarded)
			old := t.visitor().visit(homePage)
			Expect(old).To(BeWhole(first))
			t.deploy(second)
			Expect(old.later().wrong()).To(ContainElement("ahead js/chat.js"), "an old tab is given the new release")
			t.deploy(first)
			after := t.visitor().visit(homePage).later()
			Expect(after.release).To(Equal(first))
			Expect(after.wrong()).To(ContainElement("ahead js/chat.js"), "the new bytes are kept under the old URL")
		})
	})

	It("T4: is stale where a stylesheet's own references are bare", func() {
		t := setUp(queryStrategy, 1, queryForwarded)
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(first))
		t.deploy(second)
		Expect(t.visitor().visit(homePage).wrong()).To(Equal([]string{"stale fonts/mysite.woff2", "stale img/logo.png"}))
	})
})
