package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// These specs try the stand itself, without the edge: a mistake in it must not
// look like one of the edge, nor hide one.
var _ = Describe("the site, without an edge", func() {
	DescribeTable("shows whole pages of the release it runs, and of the next after a deploy",
		func(s strategy) {
			apache := startServer(s)
			world, table := straight(apache), strategies[s]().binding
			Expect(world.visitor(table).visit(homePage).later()).To(BeWhole(first))
			apache.collect(second)
			Expect(world.visitor(table).visit(homePage).later()).To(BeWhole(second))
			apache.deploy(first)
			Expect(world.visitor(table).visit(homePage).later()).To(BeWhole(first))
		},
		Entry("with the release in the path", pathStrategy),
		Entry("with the release in every query string", nestedQueryStrategy),
	)
})
