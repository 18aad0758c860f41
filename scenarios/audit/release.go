package audit

import (
	"fmt"

	"staleproof/scenarios/site"
)

// Release is what becomes of the assets from one build to the next.
type Release struct {
	From      string              `json:"from"`
	To        string              `json:"to"`
	Counts    map[site.Change]int `json:"counts"`
	ColdURLs  int                 `json:"coldURLs"`           // that no cache has yet
	ColdBytes int64               `json:"coldBytes"`          // of these, before compression
	Cascaded  []string            `json:"cascaded,omitempty"` // new URLs of files renamed only for what they refer to
}

func release(before, after *site.Build) Release {
	c := site.Compare(before, after)
	r := Release{From: before.Name, To: after.Name, Counts: c.Counts, ColdURLs: c.ColdURLs, ColdBytes: c.ColdBytes}
	for _, x := range c.Assets {
		if x.Change == site.Cascaded {
			r.Cascaded = append(r.Cascaded, x.After)
		}
	}
	return r
}

// findings tells what a release costs beyond what has changed.
func (r Release) findings() []Finding {
	if len(r.Cascaded) == 0 {
		return nil
	}
	n, more := r.Counts[site.Changed]+r.Counts[site.Added], len(r.Cascaded)
	files, have := "files", "have a new URL only because of what they refer to"
	if n == 1 {
		files = "file"
	}
	if more == 1 {
		have = "has a new URL only because of what it refers to"
	}
	return []Finding{{
		Class: Cascade, Note: true, Build: r.To, URL: r.Cascaded[0],
		What:   fmt.Sprintf("from %s to %s %d %s changed, and %d more %s: %s", r.From, r.To, n, files, more, have, some(r.Cascaded)),
		Repair: "an import map keeps the names of scripts still when a chunk that they load changes",
	}}
}
