package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// bundled is a site in three releases as a bundler wrote it: folders 1, 2 and 3.
type bundled struct{ dir string }

func bundle(kind string) bundled {
	GinkgoHelper()
	tools := npmInstalled("sites/bundlers", "build.mjs")
	b := bundled{folder(kind)}
	node := exec.Command("node", filepath.Join(tools, "build.mjs"), kind, b.dir)
	out, err := node.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	return b
}

// release is the folder of one.
func (b bundled) release(n int) string { return filepath.Join(b.dir, fmt.Sprint(n)) }

// files are the files of a release by URL. The page is /index.html.
func (b bundled) files(n int) map[string]string {
	GinkgoHelper()
	all := map[string]string{}
	root := os.DirFS(b.release(n))
	names, err := walk(root)
	Expect(err).NotTo(HaveOccurred())
	for _, name := range names {
		all["/"+name] = read(filepath.Join(b.release(n), name))
	}
	Expect(all).To(HaveKey(page))
	return all
}

const page = "/index.html"

// walk lists the files below a folder.
func walk(root fs.FS) (names []string, err error) {
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// pagesNotCached is a distribution before a site whose files are named by their
// content: pages are asked for each time, the rest is kept.
func pagesNotCached(origin string) string {
	GinkgoHelper()
	return file("distribution.yaml", fmt.Sprintf(`
id: E1BUNDLED00000
origins: {nginx: {url: %q}}
cacheBehaviors:
  - {pathPattern: "*.html", policy: CachingDisabled}
  - {pathPattern: /, policy: CachingDisabled}
defaultCacheBehavior: {policy: CachingOptimized}
`, origin))
}

// prediction is what prove says of going from one release to another: by kind of
// asset and deploy, the properties that do not hold, as "S1 STALE".
type prediction map[[2]string][]string

// predict proves releases from and to, and saves counterexamples in traces.
func (b bundled) predict(traces string, releases ...int) prediction {
	GinkgoHelper()
	args := []string{"--save-traces", traces, "--config", pagesNotCached("http://127.0.0.1:1")}
	for _, n := range releases {
		args = append(args, "--build", b.release(n))
	}
	return predict(args...)
}

// predict asks prove, for machines.
func predict(args ...string) prediction {
	GinkgoHelper()
	c := exec.Command(program, append([]string{"prove", "--json"}, args...)...)
	c.Env = append(c.Environ(), "TMPDIR="+folder("tmp"))
	out, err := c.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		Expect(exit.ExitCode()).To(Equal(1), "%s", exit.Stderr)
	}
	var report struct {
		Grids []struct {
			Cells [][]struct {
				Strategy, Mode string
				Verdicts       []struct{ Property, Status, Class string }
			}
		}
	}
	Expect(json.Unmarshal(out, &report)).To(Succeed(), "%s", out)
	p := prediction{}
	for _, grid := range report.Grids {
		for _, row := range grid.Cells {
			for _, cell := range row {
				at := [2]string{cell.Strategy, cell.Mode}
				p[at] = slices.Clip(p[at])
				for _, v := range cell.Verdicts {
					Expect(v.Status).NotTo(Equal("UNKNOWN"), "%v", at)
					if v.Status != "PROVED" {
						p[at] = append(p[at], v.Property+" "+v.Class)
					}
				}
			}
		}
	}
	Expect(p).NotTo(BeEmpty(), "%s", out)
	return p
}

// of are the properties that do not hold with one deploy, for all kinds of assets.
func (p prediction) of(mode string) (all []string) {
	GinkgoHelper()
	known := false
	for at, bad := range p {
		if at[1] == mode {
			known, all = true, append(all, bad...)
		}
	}
	Expect(known).To(BeTrue(), "no deploy %q in %v", mode, p)
	return all
}

// published is a static site behind a real nginx and the edge.
type published struct {
	bundled
	root string
	edge *edge
	http http.Client
}

func (b bundled) publish(n int) *published {
	GinkgoHelper()
	dir, port := folder("nginx"), freePort()
	config := strings.NewReplacer("DIR", dir, "PORT", port).Replace(read("sites/static.conf"))
	Expect(os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o644)).To(Succeed())
	p := &published{bundled: b, root: filepath.Join(dir, "site"), http: http.Client{Transport: network{}.local()}}
	for url, body := range b.files(n) {
		p.upload(url, body)
	}
	start(exec.Command("/usr/sbin/nginx", "-c", filepath.Join(dir, "nginx.conf"), "-p", dir, "-e", filepath.Join(dir, "error.log")))
	origin := "http://127.0.0.1:" + port
	Eventually(func() error {
		response, err := p.http.Get(origin)
		if err == nil {
			response.Body.Close()
		}
		return err
	}).Should(Succeed())
	p.edge = serve("--config", pagesNotCached(origin))
	return p
}

// upload puts one file in its place, whole.
func (p *published) upload(url, body string) {
	GinkgoHelper()
	to := filepath.Join(p.root, url)
	Expect(os.MkdirAll(filepath.Dir(to), 0o755)).To(Succeed())
	Expect(os.WriteFile(to+".part", []byte(body), 0o644)).To(Succeed())
	Expect(os.Rename(to+".part", to)).To(Succeed())
}

// shown is what a new visitor is shown: of which release the page is, and what is
// wrong with the rest of it, as "/assets/a.js MISSING".
type shown struct {
	release int
	wrong   []string
}

// look opens the page with an empty browser cache and loads everything that its
// release has.
func (p *published) look(releases ...int) shown {
	GinkgoHelper()
	got := goClient(p.edge.url + page)
	Expect(got.status).To(Equal(http.StatusOK))
	var s shown
	for _, n := range releases {
		if p.files(n)[page] == got.body {
			s.release = n
		}
	}
	Expect(s.release).NotTo(BeZero(), "a page of no release:\n%s", got.body)
	s.wrong = p.load(s.release)
	return s
}

// load asks for everything but the page that a release has.
func (p *published) load(n int) (wrong []string) {
	GinkgoHelper()
	files := p.files(n)
	for url, body := range files {
		if url == page {
			continue
		}
		switch got := goClient(p.edge.url + url); {
		case got.status != http.StatusOK:
			wrong = append(wrong, url+" MISSING")
		case got.body != body:
			wrong = append(wrong, url+" STALE")
		}
	}
	slices.Sort(wrong)
	return wrong
}

// deploy uploads the files of release n one by one, the page first or last, and has
// a new visitor look after each.
func (p *published) deploy(from, n int, pageFirst bool) (all []shown) {
	GinkgoHelper()
	files := p.files(n)
	var order []string
	for url := range files {
		if url != page {
			order = append(order, url)
		}
	}
	slices.Sort(order)
	if pageFirst {
		order = slices.Insert(order, 0, page)
	} else {
		order = append(order, page)
	}
	for _, url := range order {
		p.upload(url, files[url])
		all = append(all, p.look(from, n))
	}
	return all
}

// prune removes what release n does not have.
func (p *published) prune(n int) {
	GinkgoHelper()
	files := p.files(n)
	names, err := walk(os.DirFS(p.root))
	Expect(err).NotTo(HaveOccurred())
	for _, name := range names {
		if _, has := files["/"+name]; !has {
			Expect(os.Remove(filepath.Join(p.root, name))).To(Succeed())
		}
	}
}

var _ = Describe("real sites, built by a bundler", Ordered, func() {
	for _, row := range []struct {
		kind   string
		banner bool // the names are made before the bytes are final
	}{{"vite", false}, {"webpack", false}, {"webpack-late-banner", true}} {
		Describe(row.kind, Ordered, func() {
			var site bundled
			BeforeAll(func() { site = bundle(row.kind) })

			It("audit: finds the name that two files share, and only there", func() {
				out, code := run("audit", site.release(1), site.release(2), site.release(3))
				if !row.banner {
					Expect(out).NotTo(ContainSubstring("binding"))
					return
				}
				Expect(code).To(Equal(1), out)
				Expect(out).To(MatchRegexp(`✗ binding +/js/vendor\.[0-9a-f]{8}\.js`))
				Expect(out).To(ContainSubstring("make the hash after the last step that changes the file"))
			})

			It("prove: every counterexample shows over real sockets", func() {
				traces := filepath.Join(folder("traces"), "of")
				site.predict(traces, 1, 2, 3)
				found, err := filepath.Glob(filepath.Join(traces, "*.json"))
				Expect(err).NotTo(HaveOccurred())
				Expect(found).NotTo(BeEmpty())
				out, code := run(append([]string{"replay", "--on", "values", "--on", "edge", "--on", "sockets"}, found...)...)
				Expect(code).To(BeZero(), out)
				Expect(strings.Count(out, "sockets   ✓ agrees")).To(Equal(len(found)))
			})

			It("uploaded leaf first: predicted, and what an nginx and the edge show, agree", func() {
				predicted := site.predict(filepath.Join(folder("traces"), "of"), 1, 2).of("leaf first")
				p := site.publish(1)
				Expect(p.look(1).wrong).To(BeEmpty())
				var wrong []string
				for _, s := range p.deploy(1, 2, false) {
					wrong = append(wrong, s.wrong...)
				}
				if !row.banner {
					Expect(predicted).NotTo(ContainElement(MatchRegexp("S[1235] ")), "any view of any visitor is whole")
					Expect(wrong).To(BeEmpty())
					Expect(p.load(1)).To(BeEmpty(), "a tab of release 1 that loads the rest of it now")
					return
				}
				Expect(predicted).To(ContainElements("S1 STALE", "S2 POISON"))
				Expect(wrong).To(ContainElement(MatchRegexp(`^/js/vendor\..*STALE$`)))
				Expect(p.look(1, 2).wrong).NotTo(BeEmpty(), "and it stays so")
			})

			It("uploaded page first: predicted, and what an nginx and the edge show, agree", func() {
				predicted := site.predict(filepath.Join(folder("traces"), "of"), 1, 2).of("html first")
				Expect(predicted).To(ContainElement("S1 MISSING"))
				p := site.publish(1)
				Expect(p.look(1).wrong).To(BeEmpty())
				seen := p.deploy(1, 2, true)
				Expect(seen[0].release).To(Equal(2))
				Expect(seen[0].wrong).To(ContainElement(HaveSuffix("MISSING")))
				Expect(seen[len(seen)-1].wrong).To(ContainElement(HaveSuffix("MISSING")), "all files are there, but the edge keeps the errors")
			})

			It("pruned: a tab of the release before has lost its lazy chunk, as predicted", func() {
				predicted := site.predict(filepath.Join(folder("traces"), "of"), 2, 3).of("upload, invalidate, prune")
				Expect(predicted).To(ContainElement("S6 MISSING"))
				p := site.publish(2)
				Expect(goClient(p.edge.url + page).status).To(Equal(http.StatusOK)) // the tab: nothing lazy was loaded yet
				p.deploy(2, 3, false)
				p.prune(3)
				p.edge.invalidate("", "/*")
				Expect(p.look(3).wrong).To(BeEmpty())
				Expect(p.load(2)).To(ContainElement(HaveSuffix("MISSING")))
			})
		})
	}
})
