package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// published is a release as a static host would have it: what collectstatic
// collected, and the page as Django renders it.
func (b builds) published(r release) string {
	GinkgoHelper()
	dir := folder("published")
	Expect(os.CopyFS(dir, os.DirFS(filepath.Join(b.dir[r], "var/mysite/static")))).To(Succeed())
	page := read(filepath.Join(b.dir[r], "run", string(r)+".html"))
	Expect(os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o644)).To(Succeed())
	return dir
}

// imports is what the page's modules import from files beside them.
func (w *view) imports() *view {
	GinkgoHelper()
	for ref := range w.parts {
		if !strings.HasSuffix(pathOf(ref), ".js") {
			continue
		}
		_, body := w.by.get(ref)
		for _, m := range regexp.MustCompile(`from '(\./[^']+)'`).FindAllSubmatch(body, -1) {
			w.load(resolve(ref, string(m[1])))
		}
	}
	return w
}

// stale are the names of what is wrong in a view that is of an old release.
func (w *view) stale() (names []string) {
	for _, wrong := range w.wrong() {
		if name, ok := strings.CutPrefix(wrong, string(stale)+" "); ok {
			names = append(names, name)
		}
	}
	return names
}

// kindsStale are the kinds of assets that a new visitor may be shown old ones of.
func (p prediction) kindsStale(mode string) (kinds []string) {
	GinkgoHelper()
	known := false
	for at, bad := range p {
		if at[1] == mode {
			known = true
			if slices.Contains(bad, "S1 STALE") {
				kinds = append(kinds, at[0])
			}
		}
	}
	Expect(known).To(BeTrue(), "no deploy %q in %v", mode, p)
	slices.Sort(kinds)
	return kinds
}

var _ = Describe("Django, predicted from its builds and shown by Apache and the edge", func() {
	// Each entry: what prove says is stale after an atomic deploy, by kind of asset,
	// and what a new visitor is shown as stale, the CDN being warm.
	DescribeTable("agree for one server",
		func(s strategy, query, policy string, kinds, names []string) {
			b := strategies[s]()
			predicted := predict("--mode", "atomic", "--query", query, "--host", staticHost, "--header", "/*: Cache-Control: max-age=86400",
				"--header", "*.html: Cache-Control: no-cache", "--before", b.published(first), "--after", b.published(second))
			t := setUp(s, 1, policy)
			Expect(t.visitor().visit(homePage).imports()).To(BeWhole(first))
			t.deploy(second)
			after := t.visitor().visit(homePage).imports()
			Expect(after.release).To(Equal(second))
			Expect(after.stale()).To(ConsistOf(names), "shown")
			Expect(after.wrong()).To(HaveLen(len(names)), "and nothing else is wrong")
			Expect(predicted.kindsStale("atomic")).To(ConsistOf(kinds), "predicted")
		},
		Entry("the same names", noStrategy, "none", queryLeftOut,
			[]string{"style sheet: plain", "script: plain", "image in an asset: plain", "font in an asset: plain"},
			[]string{"css/mysite.min.css", "js/mysite.min.js", "img/logo.png", "fonts/mysite.woff2"}),
		Entry("?v, left out of the key", queryStrategy, "none", queryLeftOut,
			[]string{"style sheet: ?v everywhere", "script: ?v everywhere", "image in an asset: bare, in a versioned one", "font in an asset: bare, in a versioned one"},
			[]string{"css/mysite.min.css", "js/mysite.min.js", "img/logo.png", "fonts/mysite.woff2"}),
		Entry("T4: ?v, in the key, but not inside style sheets", queryStrategy, "all", queryForwarded,
			[]string{"image in an asset: bare, in a versioned one", "font in an asset: bare, in a versioned one"},
			[]string{"img/logo.png", "fonts/mysite.woff2"}),
		Entry("?v everywhere, left out of the key", nestedQueryStrategy, "none", queryLeftOut,
			[]string{"style sheet: ?v everywhere", "style sheet in an asset: ?v everywhere", "script: ?v everywhere", "image in an asset: ?v everywhere", "font in an asset: ?v everywhere"},
			[]string{"css/mysite.min.css", "admin/css/base.css", "admin/css/fonts.css", "js/mysite.min.js", "img/logo.png", "fonts/mysite.woff2"}),
		Entry("?v everywhere, in the key", nestedQueryStrategy, "all", queryForwarded, nil, nil),
		Entry("the release in the path", pathStrategy, "none", queryLeftOut, nil, nil),
		Entry("hashed names, with a bare import left in a script", manifestStrategy, "none", queryLeftOut,
			[]string{"script in an asset: bare, in a versioned one"}, []string{"js/part.js"}),
	)

	It("audit names the import that the manifest's hashes do not reach, before anything is deployed", func() {
		b := strategies[manifestStrategy]()
		out, code := run("audit", "--host", staticHost, b.published(first), b.published(second))
		Expect(code).To(Equal(1), out)
		Expect(out).To(MatchRegexp(`(?m)^✗ binding +/js/part\.js$`))
		Expect(out).To(MatchRegexp(`(?m)^✗ bare +/js/part\.js\n +import "\./part\.js" has no version`))
		Expect(out).To(MatchRegexp(`at js/app\.[0-9a-f]{12}\.js:1`))
		Expect(out).NotTo(MatchRegexp(`✗ (binding|bare) +/(css|img|fonts|admin)/`), "the hashed names hold")
	})
})
