package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

// verdict is what the judge says of one behaviour: "" when it is as RFC 9111 wants.
type verdict struct{ ID, Kind, Said string }

// judge is the installed suite of cache-tests.fyi.
func judge() string {
	GinkgoHelper()
	return filepath.Join(npmInstalled("judge"), "node_modules", "http-cache-tests")
}

// judgeOrigin starts the suite's own origin.
func judgeOrigin(suite string) string {
	GinkgoHelper()
	loopback, err := filepath.Abs("judge/loopback.cjs")
	Expect(err).NotTo(HaveOccurred())
	port := freePort()
	server := exec.Command("node", "--require", loopback, "server/server.mjs")
	server.Dir = suite
	server.Env = append(os.Environ(), "npm_config_protocol=http", "npm_config_port="+port,
		"npm_config_pidfile="+filepath.Join(folder("judge"), "pid"))
	session, err := gexec.Start(server, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		session.Terminate()
		Eventually(session).Should(gexec.Exit())
	})
	Eventually(func() error {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err
	}).Should(Succeed())
	return "http://127.0.0.1:" + port
}

// deviations reads testdata/judge.txt: what the judge is expected to blame, and the
// row of the ledger that says that CloudFront does so.
func deviations() map[string]string {
	GinkgoHelper()
	rows := map[string]string{}
	for line := range strings.Lines(string(testdata("judge.txt"))) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.SplitN(line, " ", 3)
		Expect(fields).To(HaveLen(3), "id, row and reason: %s", line)
		rows[fields[0]] = fields[1]
	}
	return rows
}

// judgeDistribution caches as the origin says and passes all on, as the suite needs.
const judgeDistribution = `
origins: {judge: {url: %q}}
originRequestPolicies:
  everything: {headers: {allExcept: [Host]}, queryStrings: all}
defaultCacheBehavior:
  origin: judge
  allowedMethods: all
  policy: {minTTL: 0s, defaultTTL: 0s, maxTTL: 365d, queryStrings: all}
  originRequestPolicy: everything
`

var _ = Describe("the outside judge, cache-tests.fyi", func() {
	It("finds no fault but those that CloudFront has, too", func(ctx SpecContext) {
		if _, err := exec.LookPath("npm"); err != nil {
			Skip("there is no npm, and so no judge")
		}
		suite := judge()
		e := serve("--config", file("judge.yaml", fmt.Sprintf(judgeDistribution, judgeOrigin(suite))))
		out, err := exec.CommandContext(ctx, "node", "--no-warnings", "judge/run.mjs", suite, e.url).Output()
		Expect(err).NotTo(HaveOccurred())

		expected, found, tried := deviations(), map[string]string{}, 0
		known := read("../docs/cloudfront/caching.md") + read("../docs/cloudfront/requests.md")
		for id, row := range expected {
			number, unknown := strings.CutPrefix(row, "unknown-")
			Expect(strings.Contains(known, "| "+row+" |") || unknown && strings.Contains(known, "\n"+number+". ")).
				To(BeTrue(), "testdata/judge.txt: %s: %s is in no ledger", id, row)
		}
		for line := range strings.Lines(string(out)) {
			var v verdict
			Expect(json.Unmarshal([]byte(line), &v)).To(Succeed(), line)
			tried++
			if v.Said != "" && v.Kind != "check" { // a check asks, and blames nobody
				found[v.ID] = v.Kind + ": " + v.Said
			}
		}
		Expect(tried).To(BeNumerically(">=", 350), "the judge tried fewer behaviours than it has")
		var unexplained, mended []string
		for id, said := range found {
			if expected[id] == "" {
				unexplained = append(unexplained, id+" "+said)
			}
		}
		for id := range expected {
			if found[id] == "" {
				mended = append(mended, id)
			}
		}
		slices.Sort(unexplained)
		slices.Sort(mended)
		Expect(unexplained).To(BeEmpty(), "each is a bug, or has a row to be written beside it in testdata/judge.txt")
		Expect(mended).To(BeEmpty(), "these are blamed no more: take them out of testdata/judge.txt, or see what changed")
	}, NodeTimeout(5*time.Minute))
})
