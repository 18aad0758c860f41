package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"

	wire "github.com/chromedp/cdproto/network"
	browsed "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// nextBrowsed is a tab of Chromium with a page of the Next site.
type nextBrowsed struct {
	site nextSite
	ctx  context.Context

	mu  sync.Mutex
	got []*nextGiven // what its pages asked for, oldest first; guarded by mu
}

// nextGiven is a request of a page and its response.
type nextGiven struct {
	id       wire.RequestID
	url      string
	document bool
	status   int // 0: none has come
	ended    bool
}

// browse opens a page of the site with an empty profile, and waits until it is whole.
func (s nextSite) browse(e *edge, page string) *nextBrowsed {
	GinkgoHelper()
	if _, err := exec.LookPath("chromium"); err != nil {
		Skip("there is no Chromium here: install Debian's chromium (.ci/packages)")
	}
	t := &nextBrowsed{site: s, ctx: startChromium()}
	Expect(chromedp.Listen(t.ctx, t.event)).To(Succeed())
	_, err := chromedp.Call(t.ctx, wire.Enable, wire.EnableParams{})
	Expect(err).NotTo(HaveOccurred())
	_, err = chromedp.Call(t.ctx, browsed.Navigate, browsed.NavigateParams{URL: e.url + page})
	Expect(err).NotTo(HaveOccurred())
	t.shows(page)
	return t
}

// event notes what the network does.
func (t *nextBrowsed) event(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of := func(id wire.RequestID) *nextGiven {
		if i := slices.IndexFunc(t.got, func(g *nextGiven) bool { return g.id == id }); i >= 0 {
			return t.got[i]
		}
		return &nextGiven{}
	}
	switch e := ev.(type) {
	case *wire.EventRequestWillBeSent:
		t.got = append(t.got, &nextGiven{id: e.RequestID, url: e.Request.URL, document: e.Type == wire.ResourceTypeDocument})
	case *wire.EventResponseReceived:
		of(e.RequestID).status = int(e.Response.Status)
	case *wire.EventLoadingFinished:
		of(e.RequestID).ended = true
	case *wire.EventLoadingFailed:
		of(e.RequestID).ended = true
	}
}

// run evaluates an expression in the page; the result is JSON.
func (t *nextBrowsed) run(expression string) (string, error) {
	yes := true
	got, err := chromedp.Call(t.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, AwaitPromise: &yes, ReturnByValue: &yes})
	switch {
	case err != nil: // the document may be about to be another
		return "", err
	case got.ExceptionDetails != nil:
		return "", fmt.Errorf("%s: %s", expression, got.ExceptionDetails.Text)
	}
	return string(got.Result.Value), nil
}

// given are the responses for paths with a prefix, by status, path and query, oldest
// first; documents only, or no documents.
func (t *nextBrowsed) given(prefix string, documents bool) (list []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, g := range t.got {
		if at, err := url.Parse(g.url); err == nil && g.ended && g.document == documents && strings.HasPrefix(at.Path, prefix) {
			list = append(list, fmt.Sprintf("%d %s", g.status, at.RequestURI()))
		}
	}
	return list
}

// shows waits until the tab has loaded a page with all that belongs to it at first.
func (t *nextBrowsed) shows(page string) {
	GinkgoHelper()
	Eventually(func() (string, error) {
		return t.run("document.readyState + ' ' + location.pathname")
	}).Should(Equal(`"complete ` + page + `"`))
}

// push navigates by the page's own router.
func (t *nextBrowsed) push(page string) {
	GinkgoHelper()
	Eventually(func() (string, error) { return t.run("!!globalThis.next?.router?.push") }).Should(Equal("true"))
	_, err := t.run(fmt.Sprintf("globalThis.same = true, void next.router.push(%q)", page))
	Expect(err).NotTo(HaveOccurred())
}

// is the release of the page that is shown, and whether it is a new document.
func (t *nextBrowsed) is() (string, error) {
	// Next takes data-dpl-id away from the document when it has read it.
	is, err := t.run("document.querySelector('script[src*=\"?dpl=\"]').src.split('?dpl=')[1] + (globalThis.same ? ', the same document' : ', a new document')")
	return strings.Trim(is, `"`), err
}

// untold are the static files that the document has loaded and that were not told of yet.
func (t *nextBrowsed) untold() (untold []string, err error) {
	list, err := t.run("performance.getEntriesByType('resource').map(e => e.name.replace(location.origin, '')).filter(u => u.startsWith('/_next/static/'))")
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

// wrong says what is wrong with the files of a release that the document was given, by path.
func (t *nextBrowsed) wrong(release int) (wrong []string) {
	GinkgoHelper()
	Eventually(t.untold).Should(BeEmpty())
	own := t.site.files(release)
	t.mu.Lock()
	got := slices.Clone(t.got)
	t.mu.Unlock()
	last := 0 // the bodies of documents before are gone
	for i, g := range got {
		if g.document {
			last = i
		}
	}
	seen := 0
	for _, g := range got[last:] {
		at, err := url.Parse(g.url)
		Expect(err).NotTo(HaveOccurred())
		if at.RawQuery != fmt.Sprintf("dpl=release-%d", release) {
			continue
		}
		seen++
		if g.status != http.StatusOK {
			wrong = append(wrong, at.Path+" MISSING")
			continue
		}
		body, err := chromedp.Call(t.ctx, wire.GetResponseBody, wire.GetResponseBodyParams{RequestID: g.id})
		Expect(err).NotTo(HaveOccurred(), g.url)
		if string(body.Body) != own[at.Path] {
			wrong = append(wrong, at.Path+" OTHER")
		}
	}
	Expect(seen).NotTo(BeZero(), "files of release %d", release)
	return wrong
}
