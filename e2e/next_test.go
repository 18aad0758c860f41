package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

// nextSite is a site in three releases as "next build" wrote it, each with a
// deploymentId: folders 1, 2 and 3, which "next start" serves, and public/1 to
// public/3 with what viewers may ask for, the page as the server renders it included.
//
// What a deployment id does, by Next's documentation of deploymentId: "?dpl=" and the
// id at the end of the URLs of scripts, style sheets and images; a header
// x-nextjs-deployment-id with what client-side navigation is answered, so that a page of
// another release loads anew. "Next.js does not read the ?dpl= query parameter on
// incoming requests." And by next/dist/build/index.js of 16.4.6: who gives a
// deploymentId and no generateBuildId has the same build id in every release, so that
// _next/static/BUILD/_buildManifest.js keeps its name, and only ?dpl= tells one release's
// from the other's.
type nextSite struct{ dir string }

func buildNext() nextSite {
	GinkgoHelper()
	tools := npmInstalled("sites/next", "build.mjs")
	s := nextSite{folder("next")}
	out, err := exec.Command("node", filepath.Join(tools, "build.mjs"), s.dir).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	var servers []*gexec.Session
	for n := range 3 {
		session, url := s.start(n + 1)
		servers = append(servers, session)
		at := s.public(n + 1)
		Expect(os.CopyFS(filepath.Join(at, "_next/static"), os.DirFS(filepath.Join(s.dir, fmt.Sprint(n+1), ".next/static")))).To(Succeed())
		Expect(os.WriteFile(filepath.Join(at, "index.html"), []byte(goClient(url).body), 0o644)).To(Succeed())
	}
	for _, session := range servers { // none is left to the specs, which start their own
		Eventually(session.Terminate()).Should(gexec.Exit())
	}
	return s
}

func (s nextSite) public(n int) string { return filepath.Join(s.dir, "public", fmt.Sprint(n)) }

// start starts a server of a release.
func (s nextSite) start(n int) (session *gexec.Session, url string) {
	GinkgoHelper()
	port := freePort()
	c := exec.Command("node", "node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port", port)
	c.Dir = filepath.Join(s.dir, fmt.Sprint(n))
	c.Env = append(c.Environ(), "NEXT_TELEMETRY_DISABLED=1")
	session, err := gexec.Start(c, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	url = "http://127.0.0.1:" + port
	client := http.Client{Transport: network{}.local()}
	Eventually(func() error {
		response, err := client.Get(url)
		if err == nil {
			response.Body.Close()
		}
		return err
	}).Should(Succeed())
	return session, url
}

// serve starts a server of a release that ends with the spec.
func (s nextSite) serve(n int) (url string) {
	GinkgoHelper()
	session, url := s.start(n)
	DeferCleanup(func() { Eventually(session.Terminate()).Should(gexec.Exit()) })
	return url
}

// files are a release's, by path.
func (s nextSite) files(n int) map[string]string {
	GinkgoHelper()
	all := map[string]string{}
	names, err := walk(os.DirFS(s.public(n)))
	Expect(err).NotTo(HaveOccurred())
	for _, name := range names {
		all["/"+name] = read(filepath.Join(s.public(n), name))
	}
	return all
}

// nextBehind is a distribution before the site: pages are asked for each time.
func nextBehind(origin, policy string) string {
	GinkgoHelper()
	return file("distribution.yaml", fmt.Sprintf(`
id: E1NEXT00000000
origins: {next: {url: %q}}
cacheBehaviors:
  - {pathPattern: /_next/static/*, policy: %s}
defaultCacheBehavior: {policy: CachingDisabled}
`, origin, policy))
}

// nextArgs are prove's questions about releases, with the headers that servers send.
func (s nextSite) args(policy string, before, after string, releases ...int) []string {
	GinkgoHelper()
	args := []string{"--config", nextBehind("http://127.0.0.1:1", policy)}
	if len(releases) == 2 {
		args = append(args, "--before-url", before, "--after-url", after, "--before", s.public(releases[0]), "--after", s.public(releases[1]))
		return args
	}
	for _, n := range releases {
		args = append(args, "--build", s.public(n))
	}
	return append(args, "--header", "/_next/static/*: Cache-Control: public, max-age=31536000, immutable")
}

// nextTab is a tab with a page of the site.
type nextTab struct {
	site    nextSite
	edge    *edge
	release int
	refs    []string // what the page refers to, with ?dpl=
}

var (
	dplID   = regexp.MustCompile(`<html data-dpl-id="release-(\d)"`)
	nextRef = regexp.MustCompile(`(?:src|href)="(/_next/static/[^"]+)"`)
)

// open opens the page with an empty browser cache, and loads nothing yet.
func (s nextSite) open(e *edge) *nextTab {
	GinkgoHelper()
	got := goClient(e.url + "/")
	Expect(got.status).To(Equal(http.StatusOK))
	id := dplID.FindStringSubmatch(got.body)
	Expect(id).NotTo(BeNil(), got.body)
	t := &nextTab{site: s, edge: e, release: int(id[1][0] - '0')}
	for _, m := range nextRef.FindAllStringSubmatch(got.body, -1) {
		Expect(m[1]).To(HaveSuffix("?dpl=release-" + id[1]))
		if !slices.Contains(t.refs, m[1]) {
			t.refs = append(t.refs, m[1])
		}
	}
	Expect(t.refs).NotTo(BeEmpty(), got.body)
	return t
}

// load loads what the page refers to and says what is wrong with it, by path:
// "/_next/static/a.js MISSING". before is called before each request.
func (t *nextTab) load(before func()) (wrong []string) {
	GinkgoHelper()
	own := t.site.files(t.release)
	for _, ref := range t.refs {
		before()
		path, _, _ := strings.Cut(ref, "?")
		Expect(own).To(HaveKey(path))
		switch got := goClient(t.edge.url + ref); {
		case got.status != http.StatusOK:
			wrong = append(wrong, path+" MISSING")
		case got.body != own[path]:
			wrong = append(wrong, path+" OTHER")
		}
	}
	return wrong
}

// lazy is the script that the page loads when it is asked to: the one with the leaf.
func (t *nextTab) lazy() string {
	GinkgoHelper()
	for path, text := range t.site.files(t.release) {
		if strings.Contains(text, "leaf of release") {
			return path + fmt.Sprintf("?dpl=release-%d", t.release)
		}
	}
	Fail("no script has the leaf")
	return ""
}

var _ = Describe("a real Next site with deployment ids, on two servers", Ordered, func() {
	const (
		queryInKey  = "{minTTL: 1s, defaultTTL: 24h, maxTTL: 365d, queryStrings: all}"
		oneNameOnly = "/_next/static/build-TfctsWXpff2fKS/_buildManifest.js"
	)
	// The manifest, and what only it leads to: the chunk of the other page.
	stale := []string{"script: ?v everywhere", "lazy chunk: ?v everywhere"}
	var site nextSite
	BeforeAll(func() { site = buildNext() })

	// deployed are two servers with release n, a balancer and an edge before them.
	deployed := func(policy string, n int) (*balancer, *edge) {
		GinkgoHelper()
		url := site.serve(n)
		b := startBalancer(&server{url: url}, &server{url: url})
		return b, serve("--config", nextBehind(b.url, policy))
	}
	whole := func(e *edge, n int) *nextTab {
		GinkgoHelper()
		t := site.open(e)
		Expect(t.release).To(Equal(n))
		Expect(t.load(func() {})).To(BeEmpty())
		return t
	}

	It("has one name for what differs between releases, and a hash in all others", func() {
		one, two := site.files(1), site.files(2)
		var same []string
		for path, text := range one {
			if other, has := two[path]; has && other != text && path != page {
				same = append(same, path)
			}
		}
		Expect(same).To(ConsistOf(oneNameOnly))
	})

	It("prove: every counterexample shows over real sockets", func() {
		traces := filepath.Join(folder("traces"), "of")
		predict(append(site.args(queryInKey, "", "", 1, 2, 3), "--save-traces", traces, "--mode", "atomic", "--mode", "rolling")...)
		found, err := filepath.Glob(filepath.Join(traces, "*.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(found).NotTo(BeEmpty())
		out, code := run(append([]string{"replay", "--on", "values", "--on", "edge", "--on", "sockets"}, found...)...)
		Expect(code).To(BeZero(), out)
		Expect(strings.Count(out, "sockets   ✓ agrees")).To(Equal(len(found)))
	})

	It("all at once, query strings left out of the key: the manifest is stale for everybody, as predicted", func() {
		b, e := deployed("CachingOptimized", 1)
		two := site.serve(2)
		predicted := predict(append(site.args("CachingOptimized", b.url, two, 1, 2), "--mode", "atomic")...)
		Expect(predicted.kindsStale("atomic")).To(ConsistOf(stale))
		whole(e, 1)
		b.replace(0, two)
		b.replace(1, two)
		for range 2 { // and it stays so
			t := site.open(e)
			Expect(t.release).To(Equal(2))
			Expect(t.load(func() {})).To(ConsistOf(oneNameOnly + " OTHER"))
		}
	})

	It("all at once, query strings in the key: new visitors are safe and an old tab is not, as predicted", func() {
		b, e := deployed(queryInKey, 1)
		two := site.serve(2)
		predicted := predict(append(site.args(queryInKey, b.url, two, 1, 2), "--mode", "atomic")...).of("atomic")
		Expect(predicted).NotTo(ContainElement(HavePrefix("S5 ")), "no view that begins later is hit")
		Expect(predicted).To(ContainElement("S1 AHEAD"))
		old := site.open(e) // has loaded nothing yet
		b.replace(0, two)
		b.replace(1, two)
		Expect(old.load(func() {})).To(ContainElement(oneNameOnly+" OTHER"), "?dpl=release-1 is answered by release 2")
		whole(e, 2)
		got := goClient(e.url + "/_next/data/build-TfctsWXpff2fKS/index.json")
		Expect(got.header.Get("X-Nextjs-Deployment-Id")).To(Equal("release-2"), "by which a page of release 1 knows, when it navigates")
	})

	It("one server after the other, query strings in the key: stale and missing, as predicted, and the stale one stays", func() {
		b, e := deployed(queryInKey, 1)
		two := site.serve(2)
		predicted := predict(append(site.args(queryInKey, b.url, two, 1, 2), "--mode", "rolling")...).of("rolling")
		Expect(predicted).To(ContainElements("S1 STALE", "S5 STALE", "S1 MISSING", "S2 POISON"))
		Expect(predicted).NotTo(ContainElement("S5 MISSING"), "the servers say no-store with a 404")
		whole(e, 1)
		b.replace(0, two)
		b.roundRobin(0)
		t := site.open(e)
		Expect(t.release).To(Equal(2))
		wrong := t.load(func() { b.roundRobin(1) })
		Expect(wrong).To(ContainElement(oneNameOnly + " OTHER"))
		Expect(wrong).To(ContainElement(HaveSuffix(" MISSING")))
		b.replace(1, two)
		t = site.open(e)
		Expect(t.release).To(Equal(2))
		Expect(t.load(func() {})).To(ConsistOf(oneNameOnly+" OTHER"), "a 404 that is no-store is not kept [ERR-08], the manifest is for a year")
	})

	It("all at once, which takes the old files away: a tab has lost its lazy chunk, as predicted", func() {
		b, e := deployed(queryInKey, 2)
		three := site.serve(3)
		predicted := predict(append(site.args(queryInKey, b.url, three, 2, 3), "--mode", "prune")...)
		Expect(predicted).To(HaveKeyWithValue([2]string{"lazy chunk, removed: ?v everywhere", "upload, invalidate, prune"}, ContainElement("S6 MISSING")))
		tab := whole(e, 2)
		b.replace(0, three)
		b.replace(1, three)
		whole(e, 3)
		Expect(goClient(e.url + tab.lazy()).status).To(Equal(http.StatusNotFound))
	})

	// hard waits until the tab's router has given up and loaded another document, whose
	// manifest has come.
	hard := func(t *nextBrowsed, release int) {
		GinkgoHelper()
		Eventually(func() []string { return t.given("/_next/data/", false) }).Should(HaveLen(1))
		Eventually(func() []string { return t.given("/", true) }).Should(Equal([]string{"200 /", "200 /other"}))
		t.shows("/other")
		Eventually(t.is).Should(Equal(fmt.Sprintf("release-%d, a new document", release)))
		Eventually(func() []string { return t.given("/_next/static/build-", false) }).Should(
			ContainElement(HaveSuffix(fmt.Sprintf("%s?dpl=release-%d", oneNameOnly, release))))
	}

	It("in Chromium, within a release: a page's own navigation loads no document", func() {
		_, e := deployed(queryInKey, 1)
		t := site.browse(e, "/")
		t.push("/other")
		t.shows("/other")
		Eventually(func() []string { return t.given("/_next/data/", false) }).Should(HaveLen(1))
		Eventually(func() (string, error) { return t.run("document.body.innerText.includes('the other page')") }).Should(Equal("true"))
		Expect(t.is()).To(Equal("release-1, the same document"))
		Expect(t.given("/", true)).To(Equal([]string{"200 /"}))
		Expect(t.wrong(1)).To(BeEmpty())
	})

	It("in Chromium, all at once, query strings in the key: an old tab that navigates is a new view, and whole, as predicted", func() {
		b, e := deployed(queryInKey, 1)
		two := site.serve(2)
		predicted := predict(append(site.args(queryInKey, b.url, two, 1, 2), "--mode", "atomic")...).of("atomic")
		Expect(predicted).NotTo(ContainElement(HavePrefix("S5 ")), "no view that begins later is hit")
		t := site.browse(e, "/")
		b.replace(0, two)
		b.replace(1, two)
		t.push("/other")
		hard(t, 2)
		Expect(t.wrong(2)).To(BeEmpty())
	})

	It("in Chromium, all at once, query strings left out of the key: the new document's manifest is stale, as predicted", func() {
		b, e := deployed("CachingOptimized", 1)
		two := site.serve(2)
		predicted := predict(append(site.args("CachingOptimized", b.url, two, 1, 2), "--mode", "atomic")...)
		Expect(predicted.kindsStale("atomic")).To(ConsistOf(stale))
		t := site.browse(e, "/")
		b.replace(0, two)
		b.replace(1, two)
		t.push("/other")
		hard(t, 2)
		Expect(t.wrong(2)).To(ConsistOf(oneNameOnly + " OTHER"))
	})

	It("in Chromium, one server after the other: the new document may be of either release, and is hit as predicted", func() {
		b, e := deployed(queryInKey, 1)
		one, two := site.serve(1), site.serve(2)
		predicted := predict(append(site.args(queryInKey, b.url, two, 1, 2), "--mode", "rolling")...).of("rolling")
		Expect(predicted).To(ContainElements("S1 STALE", "S5 STALE", "S4 FLIP"))

		By("the new server answers the router, the old one the document: the tab stays what it was, and asks no more")
		t := site.browse(e, "/")
		b.split(map[string]string{"/_next/data/": two, "/": one})
		t.push("/other")
		hard(t, 1)
		Expect(t.wrong(1)).To(BeEmpty())

		By("the new server answers both, and the old one what the document refers to")
		t = site.browse(e, "/")
		b.split(map[string]string{"/_next/static/": one, "/": two})
		t.push("/other")
		hard(t, 2)
		Expect(t.wrong(2)).To(ContainElement(oneNameOnly + " OTHER"))

		By("both servers are new, and the stale one stays")
		b.replace(0, two)
		b.replace(1, two)
		t = site.browse(e, "/")
		Expect(t.is()).To(HavePrefix("release-2"))
		Expect(t.wrong(2)).To(ConsistOf(oneNameOnly + " OTHER"))
	})
})
