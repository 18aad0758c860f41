package command

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"staleproof/cachepolicy"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// Limits of what a running origin is asked.
const (
	maxLiveURLs     = 2000
	maxLiveMissing  = 32 // of what is not there
	liveAtOnce      = 8
	liveTimeout     = 10 * time.Second
	maxLiveBytes    = 64 << 20 // of one answer
	missingLiveName = "staleproof-0f1e2d3c4b5a69788796"
)

// liveOrigin is what a running origin answers for the URLs of a build.
type liveOrigin struct {
	base     string
	controls map[string]string // Cache-Control by URL, "" for none
	tags     map[string]string // ETag by URL
	other    []string          // URLs whose bytes are not the build's
	refused  []string          // URLs that are not answered with 200
	missing  string            // Cache-Control of what is not there: of several the one that is kept longest
	fallback []string          // URLs of what is not there that are answered with 200
	left     int               // URLs beyond the limit, not asked for
}

// askOrigin asks a running origin for all that pages of a build lead to.
func askOrigin(ctx context.Context, flag, base string, b *site.Build) (*liveOrigin, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usagef("--"+flag+" http://localhost:8001", "--%s %s is no URL of an origin", flag, base)
	}
	l := &liveOrigin{base: strings.TrimSuffix(base, "/"), controls: map[string]string{}, tags: map[string]string{}}
	files := reachable(b)
	var urls []string
	for u := range files {
		urls = append(urls, u)
	}
	slices.Sort(urls)
	if len(urls) > maxLiveURLs {
		l.left = len(urls) - maxLiveURLs
		urls = urls[:maxLiveURLs]
	}
	client := &http.Client{Timeout: liveTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if err := l.askMissing(ctx, client, missingBeside(urls, files)); err != nil {
		return nil, usage{fmt.Errorf("--%s: %w", flag, err), "start it before, and let it serve the build"}
	}
	var mu sync.Mutex // guards l and failed
	var failed error
	next := make(chan string)
	var workers sync.WaitGroup
	for range min(liveAtOnce, len(urls)) {
		workers.Go(func() { // ends when next is closed
			for u := range next {
				a, err := ask(ctx, client, l.base+u)
				mu.Lock()
				switch {
				case err != nil && failed == nil:
					failed = err
				case err == nil:
					l.take(u, a, files[u])
				}
				mu.Unlock()
			}
		})
	}
	for _, u := range urls {
		next <- u
	}
	close(next)
	workers.Wait()
	if failed != nil {
		return nil, usage{fmt.Errorf("--%s: %w", flag, failed), "start it before, and let it serve the build"}
	}
	slices.Sort(l.other)
	slices.Sort(l.refused)
	return l, nil
}

// answered is what was answered to one GET.
type answered struct {
	status       int
	control, tag string
	media        string
	hash         site.Hash
}

func ask(ctx context.Context, client *http.Client, url string) (answered, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answered{}, err
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes are compared
	resp, err := client.Do(req)
	if err != nil {
		return answered{}, err
	}
	defer resp.Body.Close()
	a := answered{status: resp.StatusCode, control: strings.Join(resp.Header.Values("Cache-Control"), ", "),
		tag: resp.Header.Get("Etag"), media: resp.Header.Get("Content-Type")}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(resp.Body, maxLiveBytes)); err != nil {
		return answered{}, fmt.Errorf("read %s: %w", url, err)
	}
	sum.Sum(a.hash[:0])
	return a, nil
}

func (l *liveOrigin) take(u string, a answered, f *site.File) {
	if a.status != http.StatusOK {
		l.refused = append(l.refused, u)
		return
	}
	l.controls[u], l.tags[u] = a.control, a.tag
	if a.hash != f.Hash && f.SizeBytes <= maxLiveBytes {
		l.other = append(l.other, u)
	}
}

// missingBeside are URLs of files that are not there, one for each folder and each
// ending that assets have: rules for headers and fallback pages go by these.
func missingBeside(urls []string, files map[string]*site.File) []string {
	var out []string
	for _, u := range urls {
		p, _, _ := strings.Cut(u, "?")
		missing := path.Join(path.Dir(p), missingLiveName+path.Ext(p))
		if !files[u].Page && !slices.Contains(out, missing) && len(out) < maxLiveMissing {
			out = append(out, missing)
		}
	}
	return out
}

// askMissing asks for files that are not there.
func (l *liveOrigin) askMissing(ctx context.Context, client *http.Client, urls []string) error {
	terms := cachepolicy.Terms{Policy: cachepolicy.Policy{MaxTTL: cachepolicy.MaxTTL}}
	longest := time.Duration(-1)
	for _, u := range urls {
		a, err := ask(ctx, client, l.base+u)
		if err != nil {
			return err
		}
		if a.status == http.StatusOK {
			l.fallback = append(l.fallback, u)
			continue
		}
		h := http.Header{}
		if a.control != "" {
			h.Set("Cache-Control", a.control)
		}
		if kept := terms.Freshness(http.StatusNotFound, h, time.Time{}).Lifetime; kept > longest {
			l.missing, longest = a.control, kept
		}
	}
	return nil
}

// habits are those of the origins before and after a deploy: of two that differ the
// worse one.
func habits(o *prove.Origin, live []*liveOrigin, builds []*site.Build) {
	tags := 0
	for i, l := range live {
		if l == nil {
			continue
		}
		o.Fallback = o.Fallback || len(l.fallback) > 0
		if i == 0 || o.MissingControl != "" {
			o.MissingControl = l.missing
		}
		for _, t := range l.tags {
			if t != "" {
				tags++
			}
		}
	}
	if len(live) < 2 || live[0] == nil || live[1] == nil {
		return
	}
	if tags == 0 {
		o.Validator = prove.NoTag
		return
	}
	before, after := reachable(builds[0]), reachable(builds[1])
	for u, t := range live[0].tags {
		if f, g := before[u], after[u]; g != nil && t != "" && t == live[1].tags[u] && f.Hash != g.Hash {
			o.Validator = prove.ByPath // T14: one validator for other bytes
		}
	}
}

// told says what was found that is not as the build has it.
func (l *liveOrigin) told() []string {
	var out []string
	if len(l.other) > 0 {
		out = append(out, fmt.Sprintf("%s answers %d URLs with other bytes than the build has: %s", l.base, len(l.other), firstOf(l.other)))
	}
	if len(l.refused) > 0 {
		out = append(out, fmt.Sprintf("%s does not answer %d URLs with 200: %s", l.base, len(l.refused), firstOf(l.refused)))
	}
	if len(l.fallback) > 0 {
		out = append(out, fmt.Sprintf("%s answers files that are not there with 200: %s", l.base, firstOf(l.fallback)))
	}
	if l.left > 0 {
		out = append(out, fmt.Sprintf("%s was not asked for %d more URLs, %d are the most", l.base, l.left, maxLiveURLs))
	}
	return out
}

func firstOf(list []string) string {
	if len(list) > 5 {
		return strings.Join(list[:5], ", ") + " …"
	}
	return strings.Join(list, ", ")
}
