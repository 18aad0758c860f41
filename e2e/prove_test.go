package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("prove", func() {
	// prove runs it where there is nothing, with folders for temporary files of its own.
	prove := func(args ...string) (output string, code int) {
		GinkgoHelper()
		c := exec.Command(program, append([]string{"prove"}, args...)...)
		c.Dir = folder("empty")
		c.Env = append(c.Environ(), "TMPDIR="+folder("tmp"))
		return finish(c)
	}
	// cells are a row of the table, without the blanks between them.
	cells := func(output, strategy string) []string {
		var all []string
		for _, row := range regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(strategy)+` {2,}(.*)$`).FindAllStringSubmatch(output, -1) {
			all = append(all, regexp.MustCompile(` {2,}`).Split(row[1], -1)...)
		}
		return all
	}

	It("needs no arguments: proves the versioned path, refutes the query string, and writes a report", func() {
		out, code := prove()
		Expect(code).To(Equal(0), out)
		Expect(cells(out, "/v/ real")).To(ContainElements("✓ PROVED", "✗ MISSING"), out)
		Expect(cells(out, "/v/ real")).NotTo(ContainElement(Or(ContainSubstring("STALE"), ContainSubstring("AHEAD"), ContainSubstring("?"))))
		Expect(cells(out, "?v everywhere")).To(ContainElements("✗ STALE", "✗ AHEAD", "~ AHEAD"))
		Expect(cells(out, "?v everywhere")).NotTo(ContainElement(ContainSubstring("PROVED")))
		Expect(out).To(MatchRegexp(`shortest counterexample: .*\?v everywhere.*rolling.*6 events`), "trace T1")
		Expect(out).To(ContainSubstring("Versioned paths:"))

		path := regexp.MustCompile(`(?m)open in a browser: (/.*\.html)$`).FindStringSubmatch(out)
		Expect(path).NotTo(BeNil(), out)
		report := read(path[1])
		Expect(report).To(ContainSubstring("PROVED"))
		Expect(report).NotTo(MatchRegexp(`(?i)(src|href)\s*=\s*["']?(https?:)?//`), "it must need nothing from elsewhere")
	})

	It("prints how long old files must be kept", func() {
		out, code := prove("--strategy", "/v/ real", "--mode", "prune")
		Expect(code).To(Equal(0), out)
		Expect(out).To(MatchRegexp(`(?i)\bkeep\b[^.]*\b\d+ ?(s|m|h|d|seconds|minutes|hours|days)\b`))
	})

	It("says the same for machines", func() {
		c := exec.Command(program, "prove", "--json", "--strategy", "real", "--mode", "atomic")
		c.Env = append(c.Environ(), "TMPDIR="+folder("tmp"))
		out, err := c.Output()
		Expect(err).NotTo(HaveOccurred())
		var report struct {
			Summary struct{ Cells, Proved, Unknown int }
		}
		Expect(json.Unmarshal(out, &report)).To(Succeed(), "%s", out)
		Expect(report.Summary.Cells).To(BeNumerically(">", 0))
		Expect(report.Summary.Proved).To(Equal(report.Summary.Cells))
	})

	Describe("of two builds of one's own", func() {
		// site is a build of two files, of which the page refers to the other as ref.
		site := func(ref, name, css string) string {
			GinkgoHelper()
			dir := folder("site")
			page := `<!doctype html><link rel="stylesheet" href="` + ref + `"><title>` + css + `</title>`
			Expect(os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o644)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(dir, name), []byte(css), 0o644)).To(Succeed())
			return dir
		}

		It("passes hashed names, deployed so that nothing is missing", func() {
			before := site("site.5f3a91c2.css", "site.5f3a91c2.css", "body{color:navy}")
			after := site("site.b07d44e8.css", "site.b07d44e8.css", "body{color:darkred}")
			out, code := prove("--before", before, "--after", after, "--mode", "leaf first")
			Expect(code).To(Equal(0), out)
			Expect(out).To(ContainSubstring("✓ PROVED"))
		})

		It("fails query strings with exit code 1", func() {
			before := site("site.css?v=1", "site.css", "body{color:navy}")
			after := site("site.css?v=2", "site.css", "body{color:darkred}")
			out, code := prove("--before", before, "--after", after)
			Expect(code).To(Equal(1), out)
			Expect(out).To(ContainSubstring("✗ STALE"))
		})

		It("fails one name with different bytes with exit code 1", func() {
			before := site("site.5f3a91c2.css", "site.5f3a91c2.css", "body{color:navy}")
			after := site("site.5f3a91c2.css", "site.5f3a91c2.css", "body{color:darkred}")
			out, code := prove("--before", before, "--after", after, "--mode", "leaf first")
			Expect(code).To(Equal(1), out)
			Expect(out).To(ContainSubstring("site.5f3a91c2.css"))
		})

		It("refuses a folder without a page, one that is not there, and half a question", func() {
			whole, bare := site("site.css", "site.css", "body{}"), folder("bare")
			Expect(os.WriteFile(filepath.Join(bare, "site.css"), []byte("body{}"), 0o644)).To(Succeed())
			for _, row := range []struct {
				args  []string
				about string
			}{
				{[]string{"--before", whole, "--after", bare}, filepath.Base(bare)},
				{[]string{"--before", whole, "--after", "/nowhere/at/all"}, "/nowhere/at/all"},
				{[]string{"--before", whole}, "--after"},
			} {
				out, code := prove(row.args...)
				Expect(code).To(Equal(2), out)
				Expect(out).To(BeOneSentence(row.about))
			}
		})
	})
})
