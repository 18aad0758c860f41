package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gregjones/httpcache"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/html"
)

// visitor is a person with a browser: a private cache that outlives the page.
// Its cache is httpcache's transport over memory, a plain RFC 7234 private cache
// on the wall clock: it keeps what max-age allows, asks again for no-cache, and
// guesses no lifetimes. It does not hear of invalidations, as no browser does.
type visitor struct {
	binding
	client http.Client
}

func (n network) visitor(b binding) *visitor {
	cache := httpcache.NewMemoryCacheTransport()
	cache.Transport = n.transport()
	return &visitor{binding: b, client: http.Client{Transport: cache}}
}

// view is one page as one visitor got it, open until it is forgotten.
type view struct {
	by      *visitor
	release release
	parts   map[string]class // by URL
	chunks  []string         // what scripts of the page may ask for later
}

// visit opens the page and loads everything it refers to, nested references of
// stylesheets included, as browsers do.
func (v *visitor) visit(page string) *view {
	GinkgoHelper()
	status, body := v.get(page)
	Expect(status).To(Equal(http.StatusOK), "the page itself: %s", body)
	w := &view{by: v, release: release(v.name(body)), parts: map[string]class{}}
	Expect([]release{first, second}).To(ContainElement(w.release), "the page must be one of a release:\n%s", body)
	refs, chunks := references(page, body)
	Expect(refs).NotTo(BeEmpty())
	w.chunks = chunks
	for _, ref := range refs {
		w.load(ref)
	}
	return w
}

// later is what happens when the page's scripts ask for their chunks at last.
func (w *view) later() *view {
	GinkgoHelper()
	Expect(w.chunks).NotTo(BeEmpty())
	for _, chunk := range w.chunks {
		w.load(chunk)
	}
	return w
}

func (w *view) load(ref string) {
	GinkgoHelper()
	if _, done := w.parts[ref]; done {
		return
	}
	status, body := w.by.get(ref)
	w.parts[ref] = w.by.judge(w.release, status, body)
	if status == http.StatusOK && strings.HasSuffix(pathOf(ref), ".css") {
		for _, nested := range cssReferences(ref, body) {
			w.load(nested)
		}
	}
}

// wrong lists what was not right, as "stale css/site.css", sorted.
func (w *view) wrong() []string {
	found := []string{}
	for ref, c := range w.parts {
		if c != right {
			found = append(found, string(c)+" "+logical(ref))
		}
	}
	slices.Sort(found)
	return found
}

func (v *visitor) get(url string) (int, []byte) {
	GinkgoHelper()
	response, err := v.client.Get(url)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred(), url)
	return response.StatusCode, body
}

// references are the URLs that a page needs at once, and those that its scripts
// ask for later (data-chunk), resolved, in order.
func references(page string, body []byte) (refs, chunks []string) {
	GinkgoHelper()
	doc, err := html.Parse(strings.NewReader(string(body)))
	Expect(err).NotTo(HaveOccurred())
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "data-chunk":
				chunks = append(chunks, resolve(page, a.Val))
			case n.Data == "link" && a.Key == "href", n.Data == "script" && a.Key == "src", n.Data == "img" && a.Key == "src":
				refs = append(refs, resolve(page, a.Val))
			}
		}
	}
	return refs, chunks
}

var cssURL = regexp.MustCompile(`url\(\s*["']?([^"')]+)["']?\s*\)`)

func cssReferences(sheet string, body []byte) []string {
	GinkgoHelper()
	var refs []string
	for _, m := range cssURL.FindAllSubmatch(body, -1) {
		refs = append(refs, resolve(sheet, string(m[1])))
	}
	return refs
}

func resolve(base, ref string) string {
	GinkgoHelper()
	b, err := url.Parse(base)
	Expect(err).NotTo(HaveOccurred())
	u, err := b.Parse(ref)
	Expect(err).NotTo(HaveOccurred())
	return u.String()
}

func pathOf(ref string) string {
	u, err := url.Parse(ref)
	if err != nil {
		panic(fmt.Sprintf("%q was resolved and must parse: %v", ref, err))
	}
	return u.Path
}

// logical is the name of an asset without the release, wherever that stands.
func logical(ref string) string {
	name := strings.TrimPrefix(pathOf(ref), "/")
	for _, r := range []release{first, second} {
		name = strings.TrimPrefix(name, string(r)+"/")
	}
	return name
}
