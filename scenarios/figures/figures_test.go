package figures

import (
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/scenarios/site"
)

func build(t *testing.T, name string, files map[string]string) *site.Build {
	t.Helper()
	raw := map[string][]byte{}
	for p, text := range files {
		raw[p] = []byte(text)
	}
	b, err := site.FromFiles(name, raw, site.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// caching are terms that keep what the origin lets them keep.
func caching(string, bool) *cachepolicy.Terms {
	return &cachepolicy.Terms{Policy: cachepolicy.Policy{DefaultTTL: cachepolicy.DefaultTTL, MaxTTL: cachepolicy.MaxTTL}}
}

// Lifetimes come from what is sent with pages and assets: STRATEGIES section 6, A7.
func TestTimes(t *testing.T) {
	before := build(t, "1", map[string]string{"index.html": "<script src=/a.js></script>", "a.js": "1"})
	after := build(t, "2", map[string]string{"index.html": "<script src=/a.js></script>", "a.js": "2"})
	rows := []struct {
		name, page, asset string
		tab               time.Duration
		want              Figures // the times of it
	}{
		{"nothing is kept", "no-store", "no-store", 0, Figures{TabSeconds: 86400, RetentionSeconds: 86400}},
		{"browsers keep pages as long as the CDN, the time there counted", "max-age=60", "max-age=600", time.Hour, Figures{
			PageCDNSeconds: 60, PageBrowserSeconds: 60, FreshSeconds: 60, FreshInvalidatedSeconds: 60,
			RepairCDNSeconds: 600, RepairBrowserSeconds: 600, TabSeconds: 3600, RetentionSeconds: 3720}},
		{"the CDN alone keeps pages", "max-age=0, s-maxage=60", "no-store", time.Hour, Figures{
			PageCDNSeconds: 60, FreshSeconds: 60, TabSeconds: 3600, RetentionSeconds: 3660}},
		{"pages may be stale", "s-maxage=60, stale-while-revalidate=30, stale-if-error=300", "no-store", time.Hour, Figures{
			PageCDNSeconds: 60, PageStaleSeconds: 300, FreshSeconds: 60, TabSeconds: 3600, RetentionSeconds: 3960}},
		{"no Cache-Control: the default TTL, and browsers guess", "", "no-store", time.Hour, Figures{
			PageCDNSeconds: 86400, PageHeuristic: true, FreshSeconds: 86400, TabSeconds: 3600, RetentionSeconds: 90000}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := Of(Input{Before: before, After: after, Terms: caching, TabLife: row.tab, Control: func(_ int, f *site.File, _ string) string {
				if f.Page {
					return row.page
				}
				return row.asset
			}})
			got := Figures{
				PageCDNSeconds: f.PageCDNSeconds, PageStaleSeconds: f.PageStaleSeconds, PageBrowserSeconds: f.PageBrowserSeconds, PageHeuristic: f.PageHeuristic,
				FreshSeconds: f.FreshSeconds, FreshInvalidatedSeconds: f.FreshInvalidatedSeconds,
				RepairCDNSeconds: f.RepairCDNSeconds, RepairBrowserSeconds: f.RepairBrowserSeconds,
				TabSeconds: f.TabSeconds, RetentionSeconds: f.RetentionSeconds,
			}
			if got != row.want {
				t.Errorf("got %+v\nwant %+v", got, row.want)
			}
			if f.MissingSeconds != 10 {
				t.Errorf("ERR-04: a 404 is kept for %d s, want 10", f.MissingSeconds)
			}
		})
	}
}

// Requests, storage and the bill follow from what changed under which URL.
func TestTrafficStorageAndBill(t *testing.T) {
	plain := [2]map[string]string{
		{"index.html": "<link rel=stylesheet href=/s.css>", "s.css": "a{b:url(bg.png)}", "bg.png": "one"},
		{"index.html": "<link rel=stylesheet href=/s.css> ", "s.css": "a{b:url(bg.png)}", "bg.png": "three"},
	}
	hashed := [2]map[string]string{
		{"index.html": "<link rel=stylesheet href=/s.0a1b2c3d4e5f.css>", "s.0a1b2c3d4e5f.css": "a{b:url(bg.1a2b3c4d5e6f.png)}", "bg.1a2b3c4d5e6f.png": "one"},
		{"index.html": "<link rel=stylesheet href=/s.5f4e3d2c1b0a.css>", "s.5f4e3d2c1b0a.css": "a{b:url(bg.9f8e7d6c5b4a.png)}", "bg.9f8e7d6c5b4a.png": "three"},
	}
	rows := []struct {
		name   string
		builds [2]map[string]string
		caches int
		want   Figures
	}{
		{"plain names", plain, 1, Figures{OverwrittenFiles: 1, InvalidatedRequests: 3, InvalidatedBytes: 55,
			InvalidationPaths: 2, FreeDeploys: 500, PricePerDeploy: 0.01, DownloadedURLs: 1, DownloadedBytes: 5}},
		{"hashed names, two caches", hashed, 2, Figures{RetainedFiles: 2, RetainedBytes: 32, ColdRequests: 4, ColdBytes: 68, InvalidatedRequests: 6, InvalidatedBytes: 160,
			InvalidationPaths: 1, FreeDeploys: 1000, PricePerDeploy: 0.005, DownloadedURLs: 2, DownloadedBytes: 34, UnneededDownloads: 1, UnneededBytes: 29}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f := Of(Input{Before: build(t, "1", row.builds[0]), After: build(t, "2", row.builds[1]), Terms: caching, Caches: row.caches,
				Control: func(int, *site.File, string) string { return "max-age=60" }})
			got := Figures{
				RetainedFiles: f.RetainedFiles, RetainedBytes: f.RetainedBytes, OverwrittenFiles: f.OverwrittenFiles,
				ColdRequests: f.ColdRequests, ColdBytes: f.ColdBytes, InvalidatedRequests: f.InvalidatedRequests, InvalidatedBytes: f.InvalidatedBytes,
				InvalidationPaths: f.InvalidationPaths, FreeDeploys: f.FreeDeploys, PricePerDeploy: f.PricePerDeploy,
				DownloadedURLs: f.DownloadedURLs, DownloadedBytes: f.DownloadedBytes, UnneededDownloads: f.UnneededDownloads, UnneededBytes: f.UnneededBytes,
			}
			if got != row.want {
				t.Errorf("got %+v\nwant %+v", got, row.want)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	for n, want := range map[int64]string{0: "0 s", 59: "59 s", 90: "1 min 30 s", 86400: "24 h", 129600: "36 h", 172800: "2 d", 31536000: "365 d"} {
		if got := Span(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestFactsAreSentences(t *testing.T) {
	f := Figures{RetentionSeconds: 90000, PageCDNSeconds: 60, InvalidationPaths: 2, FreeDeploys: 500, PricePerDeploy: 0.01, WildcardFree: 1000, WildcardPerDeploy: 0.005, Caches: 3}
	var all strings.Builder
	for _, x := range f.Facts() {
		all.WriteString(x.Name + ": " + x.Text + "\n")
	}
	for _, want := range []string{"Keep old files: 25 h after the switch", "2 paths to name, free up to 500 deploys a month, then $0.010 each", "3 caches ask the origin"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("not said: %s\n%s", want, all.String())
		}
	}
}
