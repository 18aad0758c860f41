package e2e

import (
	"encoding/json"
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
