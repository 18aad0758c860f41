package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"staleproof/scenarios/browser"
)

// nextBrowsed is a tab of Chromium with a page of the Next site.
type nextBrowsed struct {
	site nextSite
	tab  *browser.Tab

	mu  sync.Mutex
	got []browser.Response // what its pages were given; guarded by mu
}

// browse opens a page of the site with an empty profile, and waits until it is whole.
func (s nextSite) browse(e *edge, page string) *nextBrowsed {
	GinkgoHelper()
	if _, err := browser.Find(""); err != nil {
		Skip(err.Error() + ": install Debian's chromium (.ci/packages)")
	}
	b, err := browser.Start(context.Background(), browser.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(b.Close()).To(Succeed()) })
	t := &nextBrowsed{site: s}
	t.tab, err = b.Tab(context.Background(), func(r browser.Response) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.got = append(t.got, r)
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(t.tab.Close()).To(Succeed()) })
	Expect(t.tab.Open(e.url + page)).To(Succeed())
	t.shows(page)
	return t
}

// given are the responses for paths with a prefix, by status, path and query, oldest
// first; documents only, or no documents.
func (t *nextBrowsed) given(prefix string, documents bool) (list []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.got {
		if at, err := url.Parse(r.URL); err == nil && r.Page == documents && strings.HasPrefix(at.Path, prefix) {
			list = append(list, fmt.Sprintf("%d %s", r.Status, at.RequestURI()))
		}
	}
	return list
}

// shows waits until the tab has loaded a page with all that belongs to it at first.
func (t *nextBrowsed) shows(page string) {
	GinkgoHelper()
	Eventually(func() (string, error) {
		return t.tab.Run("document.readyState + ' ' + location.pathname")
	}).Should(Equal(`"complete ` + page + `"`))
}

// push navigates by the page's own router.
func (t *nextBrowsed) push(page string) {
	GinkgoHelper()
	Eventually(func() (string, error) { return t.tab.Run("!!globalThis.next?.router?.push") }).Should(Equal("true"))
	_, err := t.tab.Run(fmt.Sprintf("globalThis.same = true, void next.router.push(%q)", page))
	Expect(err).NotTo(HaveOccurred())
}

// is the release of the page that is shown, and whether it is a new document.
func (t *nextBrowsed) is() string {
	GinkgoHelper()
	// Next takes data-dpl-id away from the document when it has read it.
	is, err := t.tab.Run("document.querySelector('script[src*=\"?dpl=\"]').src.split('?dpl=')[1] + (globalThis.same ? ', the same document' : ', a new document')")
	Expect(err).NotTo(HaveOccurred())
	return strings.Trim(is, `"`)
}

// untold are the static files that the document has loaded and that were not told of yet.
func (t *nextBrowsed) untold() (untold []string, err error) {
	list, err := t.tab.Run("performance.getEntriesByType('resource').map(e => e.name.replace(location.origin, '')).filter(u => u.startsWith('/_next/static/'))")
	var loaded []string
	if err == nil {
		err = json.Unmarshal([]byte(list), &loaded)
	}
	told := strings.Join(t.given("/_next/static/", false), "\n") + "\n"
	for _, uri := range loaded {
		if !strings.Contains(told, " "+uri+"\n") {
			untold = append(untold, uri)
		}
	}
	return untold, err
}

// wrong says what is wrong with the files of a release that the tab was given, by path.
func (t *nextBrowsed) wrong(release int) (wrong []string) {
	GinkgoHelper()
	Eventually(t.untold).Should(BeEmpty())
	own := t.site.files(release)
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := 0
	for _, r := range t.got {
		at, err := url.Parse(r.URL)
		Expect(err).NotTo(HaveOccurred())
		if at.RawQuery != fmt.Sprintf("dpl=release-%d", release) {
			continue
		}
		seen++
		switch {
		case r.Status != http.StatusOK:
			wrong = append(wrong, at.Path+" MISSING")
		case r.Err != nil || string(r.Body) != own[at.Path]:
			wrong = append(wrong, at.Path+" OTHER")
		}
	}
	Expect(seen).NotTo(BeZero(), "files of release %d", release)
	return wrong
}
