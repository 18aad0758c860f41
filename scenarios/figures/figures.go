// Package figures works out what a release of a site costs: how long until it is
// seen, how long a mistake stays, how long old files must be kept, what the origin is
// asked for, and what invalidations are billed. It is pure, and lifetimes are what
// package cachepolicy says.
package figures

import (
	"net/http"
	"slices"
	"time"

	"staleproof/cachepolicy"
	"staleproof/scenarios/site"
)

// DefaultTabLife is how long a page is taken to be open in a tab.
const DefaultTabLife = 24 * time.Hour

// Invalidations are billed by the path, a wildcard is one path.
const (
	FreePathsAMonth = 1000  // of an account
	PricePerPath    = 0.005 // US dollars, beyond the free ones
)

// Input is a release and what stands before it.
type Input struct {
	Before, After *site.Build
	// Terms are those of the behavior for the path of a page or an asset.
	Terms func(urlPath string, page bool) *cachepolicy.Terms
	// Control is the Cache-Control sent with a file of a build (0 before, 1 after);
	// "" for none.
	Control func(build int, f *site.File, url string) string
	// MissingControl is that of a 404; "" for none.
	MissingControl string
	// Caches is how many caches ask the origin themselves: one with a regional
	// cache, otherwise one for each edge location. Default 1.
	Caches int
	// TabLife is how long a page may stay open. Default [DefaultTabLife].
	TabLife time.Duration
}

// Figures is what a release costs. Times are whole seconds.
type Figures struct {
	From string `json:"from"`
	To   string `json:"to"`

	PageCDNSeconds     int64 `json:"pageCDNSeconds"`     // longest a page is fresh in the CDN
	PageStaleSeconds   int64 `json:"pageStaleSeconds"`   // longest it may be served stale after that
	PageBrowserSeconds int64 `json:"pageBrowserSeconds"` // longest in browsers
	PageHeuristic      bool  `json:"pageHeuristic"`      // some page has no Cache-Control: browsers guess a lifetime

	FreshSeconds            int64 `json:"freshSeconds"`            // until every new visit gets the new page
	FreshInvalidatedSeconds int64 `json:"freshInvalidatedSeconds"` // with an invalidation after the switch

	RepairCDNSeconds     int64 `json:"repairCDNSeconds"`     // longest a wrong asset stays in the CDN without an invalidation
	RepairBrowserSeconds int64 `json:"repairBrowserSeconds"` // and in browsers, which no invalidation reaches
	MissingSeconds       int64 `json:"missingSeconds"`       // how long a 404 is remembered

	TabSeconds       int64 `json:"tabSeconds"`
	RetentionSeconds int64 `json:"retentionSeconds"` // that old files must be kept: A7
	RetainedFiles    int   `json:"retainedFiles"`    // of the old build that the new one does not have
	RetainedBytes    int64 `json:"retainedBytes"`
	OverwrittenFiles int   `json:"overwrittenFiles"` // that cannot be kept: the new build has their path

	Caches              int   `json:"caches"`
	ColdRequests        int   `json:"coldRequests"` // for URLs that no cache has yet
	ColdBytes           int64 `json:"coldBytes"`    // before compression
	InvalidatedRequests int   `json:"invalidatedRequests"`
	InvalidatedBytes    int64 `json:"invalidatedBytes"` // after an invalidation of /*

	InvalidationPaths int     `json:"invalidationPaths"` // named one by one: what changed under its URL
	FreeDeploys       int     `json:"freeDeploys"`       // that the free paths of a month are enough for; 0 paths: 0
	PricePerDeploy    float64 `json:"pricePerDeploy"`    // US dollars, beyond the free ones
	WildcardPaths     int     `json:"wildcardPaths"`     // of "/*"
	WildcardFree      int     `json:"wildcardFree"`      // deploys a month
	WildcardPerDeploy float64 `json:"wildcardPerDeploy"` // US dollars, beyond
	DownloadedURLs    int     `json:"downloadedURLs"`    // that a returning browser fetches again
	DownloadedBytes   int64   `json:"downloadedBytes"`   // before compression
	UnneededBytes     int64   `json:"unneededBytes"`     // of these, that did not change themselves
	UnneededDownloads int     `json:"unneededDownloads"` // likewise in URLs
}

// Of works the figures of a release out.
func Of(in Input) Figures {
	f := Figures{From: in.Before.Name, To: in.After.Name, Caches: max(1, in.Caches), WildcardPaths: 1, WildcardFree: FreePathsAMonth, WildcardPerDeploy: PricePerPath}
	in.lifetimes(&f)
	tab := in.TabLife
	if tab == 0 {
		tab = DefaultTabLife
	}
	f.TabSeconds = seconds(tab)
	f.FreshSeconds = max(f.PageCDNSeconds, f.PageBrowserSeconds) // Age goes along, so that they do not add up
	f.FreshInvalidatedSeconds = f.PageBrowserSeconds
	f.RetentionSeconds = f.PageCDNSeconds + f.PageStaleSeconds + f.PageBrowserSeconds + f.TabSeconds
	in.storage(&f)
	in.traffic(&f)
	in.bill(&f)
	return f
}

// lifetimes finds the longest lifetime of pages and assets of both builds.
func (in *Input) lifetimes(f *Figures) {
	for i, b := range []*site.Build{in.Before, in.After} {
		for url, file := range reachable(b) {
			cdn, stale, browser, guessed := in.lifetime(i, file, url)
			if file.Page {
				f.PageCDNSeconds = max(f.PageCDNSeconds, seconds(cdn))
				f.PageStaleSeconds = max(f.PageStaleSeconds, seconds(stale))
				f.PageBrowserSeconds = max(f.PageBrowserSeconds, seconds(browser))
				f.PageHeuristic = f.PageHeuristic || guessed
				continue
			}
			f.RepairCDNSeconds = max(f.RepairCDNSeconds, seconds(cdn))
			f.RepairBrowserSeconds = max(f.RepairBrowserSeconds, seconds(browser))
			missing := in.Terms(pathOf(url), false).Freshness(http.StatusNotFound, header(in.MissingControl), time.Time{})
			f.MissingSeconds = max(f.MissingSeconds, seconds(missing.Lifetime))
		}
	}
}

// lifetime is how long a file is fresh in the CDN, how long it may be stale there
// after that, and how long it is fresh in browsers.
func (in *Input) lifetime(build int, file *site.File, url string) (cdn, stale, browser time.Duration, guessed bool) {
	control := in.Control(build, file, url)
	cdn = in.Terms(pathOf(url), file.Page).Freshness(http.StatusOK, header(control), time.Time{}).Lifetime
	if cdn > 0 {
		stale = max(age(control, "stale-while-revalidate"), age(control, "stale-if-error"))
	}
	return cdn, stale, BrowserLifetime(control), control == ""
}

// BrowserLifetime is how long a browser may use what comes with a Cache-Control without
// asking; 0, too, where it has to guess.
func BrowserLifetime(control string) time.Duration {
	if has(control, "no-store") || has(control, "no-cache") {
		return 0
	}
	return age(control, "max-age")
}

// storage is what keeping the old files costs.
func (in *Input) storage(f *Figures) {
	for _, file := range reachable(in.Before) {
		if file.Page {
			continue
		}
		switch now, ok := in.After.File(file.Path); {
		case !ok:
			f.RetainedFiles++
			f.RetainedBytes += file.SizeBytes
		case now.Hash != file.Hash:
			f.OverwrittenFiles++
		}
	}
}

// traffic is what caches and browsers have to fetch.
func (in *Input) traffic(f *Figures) {
	c := site.Compare(in.Before, in.After)
	f.ColdRequests, f.ColdBytes = c.ColdURLs*f.Caches, c.ColdBytes*int64(f.Caches)
	for _, x := range c.Assets {
		file, ok := in.After.Locate(x.After)
		if x.After == "" || !ok || x.Change == site.Same {
			continue
		}
		f.DownloadedURLs++
		f.DownloadedBytes += file.SizeBytes
		if x.Change == site.Cascaded || x.Change == site.Recopied {
			f.UnneededDownloads++
			f.UnneededBytes += file.SizeBytes
		}
	}
	for _, file := range reachable(in.After) {
		f.InvalidatedRequests += f.Caches
		f.InvalidatedBytes += file.SizeBytes * int64(f.Caches)
	}
}

// bill counts what must be invalidated path by path: assets that changed under their
// URL, and changed pages that the CDN keeps.
func (in *Input) bill(f *Figures) {
	after := reachable(in.After)
	var paths []string
	for url, old := range reachable(in.Before) {
		now, ok := after[url]
		if ok && now.Hash == old.Hash || !ok && !old.Page {
			continue
		}
		if cdn, _, _, _ := in.lifetime(0, old, url); cdn > 0 && !slices.Contains(paths, pathOf(url)) {
			paths = append(paths, pathOf(url))
		}
	}
	f.InvalidationPaths = len(paths)
	f.PricePerDeploy = float64(len(paths)) * PricePerPath
	if len(paths) > 0 {
		f.FreeDeploys = FreePathsAMonth / len(paths)
	}
}

// reachable is every page of a build and everything they lead to, by URL.
func reachable(b *site.Build) map[string]*site.File {
	out := map[string]*site.File{}
	for _, p := range b.Pages() {
		out[p.URL] = p
	}
	for _, r := range b.References() {
		if f, ok := b.File(r.Target); ok && r.Reachable && r.Via != site.ViaSourceMap {
			out[r.URL] = f
		}
	}
	return out
}
