package figures

import (
	"fmt"
	"strings"
	"time"
)

// Fact is a figure in words.
type Fact struct{ Name, Text string }

// Facts says the figures in words, the same every time.
func (f Figures) Facts() []Fact {
	return []Fact{
		{"Time to fresh", f.fresh()},
		{"Time to repair", f.repair()},
		{"Keep old files", f.keep()},
		{"Origin, per deploy", fmt.Sprintf("%s and %s for what no cache has yet, where %s; after an invalidation of /* %s and %s, or 304s where validators are honest",
			many(f.ColdRequests, "request"), Size(f.ColdBytes), f.caches(), many(f.InvalidatedRequests, "request"), Size(f.InvalidatedBytes))},
		{"Browsers, per deploy", f.browsers()},
		{"Invalidation", f.invalidation()},
	}
}

func (f Figures) caches() string {
	if f.Caches == 1 {
		return "one cache asks the origin"
	}
	return fmt.Sprintf("%d caches ask the origin", f.Caches)
}

func (f Figures) fresh() string {
	text := "a new visit gets the new page at once, no cache keeps pages"
	if f.FreshSeconds > 0 {
		text = fmt.Sprintf("every new visit gets the new page after %s: the CDN keeps pages for %s, browsers for %s, counted from when the origin sent them",
			Span(f.FreshSeconds), Span(f.PageCDNSeconds), Span(f.PageBrowserSeconds))
		if f.FreshInvalidatedSeconds < f.FreshSeconds {
			text += fmt.Sprintf("; with an invalidation after the switch after %s and the longest request under way", Span(f.FreshInvalidatedSeconds))
		}
	}
	if f.PageHeuristic {
		text += "; some pages have no Cache-Control, and browsers guess a lifetime for them, a tenth of their age"
	}
	return text
}

func (f Figures) repair() string {
	return fmt.Sprintf("a wrong asset stays for up to %s in the CDN, or until it is invalidated, and up to %s in browsers, which no invalidation reaches; a 404 for %s",
		Span(f.RepairCDNSeconds), Span(f.RepairBrowserSeconds), Span(f.MissingSeconds))
}

func (f Figures) keep() string {
	text := fmt.Sprintf("%s after the switch (pages %s in the CDN", Span(f.RetentionSeconds), Span(f.PageCDNSeconds))
	if f.PageStaleSeconds > 0 {
		text += fmt.Sprintf(", %s stale", Span(f.PageStaleSeconds))
	}
	text += fmt.Sprintf(", %s in browsers, %s in an open tab): %s, %s for each release", Span(f.PageBrowserSeconds), Span(f.TabSeconds), many(f.RetainedFiles, "file"), Size(f.RetainedBytes))
	if f.OverwrittenFiles > 0 {
		text += fmt.Sprintf("; %s cannot be kept, the new release has their names", many(f.OverwrittenFiles, "file"))
	}
	return text
}

func (f Figures) browsers() string {
	text := fmt.Sprintf("%s, %s to download again", many(f.DownloadedURLs, "file"), Size(f.DownloadedBytes))
	if f.UnneededDownloads > 0 {
		text += fmt.Sprintf("; of these %d, %s, only because their URL changed", f.UnneededDownloads, Size(f.UnneededBytes))
	}
	return text
}

func (f Figures) invalidation() string {
	wildcard := fmt.Sprintf("/* counts as 1 path: free up to %d deploys a month, then $%.3f each", f.WildcardFree, f.WildcardPerDeploy)
	if f.InvalidationPaths == 0 {
		return "nothing that the CDN keeps changes under its URL, so that none is needed; " + wildcard
	}
	return fmt.Sprintf("%s to name, free up to %s a month, then $%.3f each; %s",
		many(f.InvalidationPaths, "path"), many(f.FreeDeploys, "deploy"), f.PricePerDeploy, wildcard)
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Span is seconds for people: "90 s", "24 h", "365 d", "1 h 30 min".
func Span(n int64) string {
	var parts []string
	for _, u := range []struct {
		of   int64
		name string
	}{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}} {
		if u.name == "d" && n < 2*86400 {
			continue // 24 h and 36 h read better
		}
		if n >= u.of {
			parts = append(parts, fmt.Sprintf("%d %s", n/u.of, u.name))
			n %= u.of
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts[:min(2, len(parts))], " ")
}

// Size is a number of bytes for people.
func Size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return many(int(n), "byte")
}

// TabLife reads how long a tab stays open; whole seconds from 0 to ten years.
func TabLife(d time.Duration) (time.Duration, error) {
	if d <= 0 || d > 10*365*24*time.Hour || d%time.Second != 0 {
		return 0, fmt.Errorf("%v is no time that a tab stays open: whole seconds up to ten years", d)
	}
	return d, nil
}
