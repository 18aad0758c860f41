package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the release in the path", func() {
	var t *stage

	BeforeEach(func() { t = setUp(pathStrategy, 1, queryLeftOut) })

	It("gives every visitor whole pages of one release, and each deploy is new to every cache", func() {
		returning, tab := t.visitor(), t.visitor()
		Expect(returning.visit(homePage).later()).To(BeWhole(first))
		old := tab.visit(homePage)
		Expect(old).To(BeWhole(first))
		t.servers[0].collect(second)

		Expect(t.visitor().visit(homePage).later()).To(BeWhole(second), "a fresh visitor")
		Expect(returning.visit(homePage).later()).To(BeWhole(second), "a visitor with a warm browser cache")
		Expect(old.later()).To(BeWhole(first), "a tab opened before the deploy that loads its chunks after it")
		Expect(t.door.askedFor("/static/mysite-1.1/css/mysite.min.css")).To(HaveLen(1),
			"the edge asks for the new URL once and answers the second visitor itself")
	})

	It("survives a rollback", func() {
		Expect(t.visitor().visit(homePage)).To(BeWhole(first))
		old := t.visitor().visit(homePage)
		t.deploy(second)
		tab := t.visitor().visit(homePage)
		Expect(old.later()).To(BeWhole(first), "a tab opened before the deploy")
		t.deploy(first)
		Expect(tab.later()).To(BeWhole(second), "a tab opened before the rollback")
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(first))
	})

	It("breaks old tabs, by errors and not by mixing, when old folders are removed too early", func() {
		old := t.visitor().visit(homePage)
		Expect(old).To(BeWhole(first))
		t.deploy(second)
		t.servers[0].prune(first)
		Expect(old.later().wrong()).To(ConsistOf("missing js/chat.js", "missing js/tour.js"))
		Expect(t.visitor().visit(homePage)).To(BeWhole(second))
	})
})

var _ = Describe("the release in the path, on two servers", func() {
	var t *stage

	BeforeEach(func() { t = setUp(pathStrategy, 2, queryLeftOut) })

	It("is missing, never mixed, while one server lacks the release, and until the error's time is up", func() {
		t.servers[0].deploy(second)
		t.door.roundRobin(0) // the page from the server that has the release, its first asset from the one that has not
		view := t.visitor().visit(homePage)
		Expect(view.release).To(Equal(second))
		Expect(view.wrong()).NotTo(BeEmpty())
		Expect(view.wrong()).To(HaveEach(HavePrefix("missing ")))

		t.servers[1].deploy(second)
		late := t.visitor().visit(homePage)
		Expect(late.wrong()).To(Equal(view.wrong()), "the edge keeps a 404 for its error time, 10 s [ERR-04]")
		t.advance(errorTime)
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(second))
	})

	It("is cured by putting the assets everywhere before any page refers to them", func() {
		for _, s := range t.servers {
			s.receive(second)
		}
		for i, s := range t.servers {
			s.switchTo(second)
			for turn := range t.servers {
				t.door.roundRobin(turn)
				view := t.visitor().visit(homePage).later()
				Expect(view.wrong()).To(BeEmpty(), "server %d switched, the page was of %s", i+1, view.release)
			}
		}
		Expect(t.visitor().visit(homePage).later()).To(BeWhole(second))
	})
})
