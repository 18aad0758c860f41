package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("replay", func() {
	replay := func(args ...string) (output string, code int) {
		GinkgoHelper()
		c := exec.Command(program, append([]string{"replay"}, args...)...)
		c.Dir = folder("empty")
		c.Env = append(c.Environ(), "TMPDIR="+folder("tmp"))
		return finish(c)
	}
	chromium := func() {
		GinkgoHelper()
		if _, err := exec.LookPath("chromium"); err != nil {
			Skip("there is no Chromium here: install Debian's chromium (.ci/packages)")
		}
	}

	// What stands in the committed table is what a browser shows.
	It("shows every published trace in Chromium as on values", func() {
		chromium()
		c := exec.Command(program, "replay", "--json", "--on", "values,chromium", "golden")
		tmp := folder("tmp")
		c.Env = append(c.Environ(), "TMPDIR="+tmp)
		out, _ := c.Output() // the exit code is part of what is compared
		var got struct {
			Agreed  bool
			Replays []struct {
				Name   string
				Levels []struct{ Level, Outcome, Why string }
			}
		}
		Expect(json.Unmarshal(out, &got)).To(Succeed(), string(out))
		outcomes := map[string]string{}
		for _, r := range got.Replays {
			Expect(r.Levels).To(HaveLen(2))
			Expect(r.Levels[1].Level).To(Equal("chromium"))
			outcomes[r.Name] = r.Levels[1].Outcome
			if r.Levels[1].Why != "" {
				AddReportEntry(r.Name, r.Levels[1].Why)
			}
		}
		known := map[string]string{}
		for line := range strings.Lines(read(filepath.Join("testdata", "replay-chromium.txt"))) {
			if name, outcome, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				known[name] = outcome
			}
		}
		Expect(outcomes).To(Equal(known))
		Expect(got.Agreed).To(BeTrue())
		left, err := os.ReadDir(tmp)
		Expect(err).NotTo(HaveOccurred())
		Expect(left).To(BeEmpty(), "profiles are taken away")
	})

	It("says that a browser keeps nothing, and takes that for no success", func() {
		chromium()
		without := filepath.Join(folder("bin"), "chromium-without-cache")
		Expect(os.WriteFile(without, []byte("#!/bin/sh\nexec chromium --disk-cache-size=1 \"$@\"\n"), 0o755)).To(Succeed())
		out, code := replay("--on", "chromium", "--browser", without, "T11")
		Expect(code).To(Equal(1), out)
		Expect(out).To(ContainSubstring("the HTTP cache of this browser is off"))
	})

	// What prove found in builds is shown with the builds' own files, which a browser
	// loads by itself.
	It("plays what prove found in builds with their files, and refuses others", func() {
		build := func(version string) string {
			GinkgoHelper()
			dir := folder("build" + version)
			for name, text := range map[string]string{
				"index.html": `<!doctype html><title>` + version + `</title><link rel="stylesheet" href="site.css"><p>text`,
				"site.css":   `p { color: #00` + version + `; background: url(paper.svg) }`,
				"paper.svg":  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!-- ` + version + ` --></svg>`,
			} {
				Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)).To(Succeed())
			}
			return dir
		}
		before, after, traces := build("1"), build("2"), folder("traces")
		c := exec.Command(program, "prove", "--mode", "atomic", "--fail-on", "none", "--save-traces", traces, "--before", before, "--after", after)
		c.Env = append(c.Environ(), "TMPDIR="+folder("tmp"))
		out, code := finish(c)
		Expect(code).To(Equal(0), out)
		files, err := filepath.Glob(filepath.Join(traces, "*-atomic-s1-*.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		levels := "sockets"
		if _, err := exec.LookPath("chromium"); err == nil {
			levels = "sockets,chromium"
		}
		own := []string{"--on", levels, "--before", before, "--after", after}
		out, code = replay(append(own, files...)...)
		Expect(code).To(Equal(0), out)
		Expect(strings.Count(out, "Served are the files of the builds.")).To(Equal(len(files)), out)
		for level := range strings.SplitSeq(levels, ",") {
			Expect(strings.Count(out, fmt.Sprintf("%-9s ✓ agrees", level))).To(Equal(len(files)), out)
		}

		Expect(os.WriteFile(filepath.Join(after, "site.css"), []byte("p { color: red }"), 0o644)).To(Succeed())
		out, code = replay(append(own, files...)...)
		Expect(code).To(Equal(2), out)
		Expect(out).To(ContainSubstring("build " + filepath.Base(after) + ": site.css is not as the trace has it"))
	})

	It("plays what prove has saved, over real sockets", func() {
		dir := folder("traces")
		c := exec.Command(program, "prove", "--strategy", "real", "--mode", "rolling", "--save-traces", dir)
		c.Env = append(c.Environ(), "TMPDIR="+folder("tmp"))
		out, code := finish(c)
		Expect(code).To(Equal(0), out)
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		out, code = replay(append([]string{"--on", "sockets"}, files...)...)
		Expect(code).To(Equal(0), out)
		Expect(strings.Count(out, "sockets   ✓ agrees")).To(Equal(len(files)))
	})
})
