package prove

import (
	"context"
	"testing"

	"staleproof/cachepolicy"
)

// A file's own Cache-Control counts before what the origin says of its kind.
func TestFilesHaveACacheControlOfTheirOwn(t *testing.T) {
	rows := []struct {
		name, page, asset string
		property          Property
		class             Class // "": proved
	}{
		{"as the origin says", "", "", Freshness, ""},
		{"T18: a page that is cached", "max-age=3600", "", Freshness, StalePage},
		{"none is sent, and the default TTL counts", NoControl, "", Freshness, StalePage},
		{"an asset that is not cached", "", "no-store", Settling, ""},
		{"an asset that is", "", "max-age=60", Settling, Stale},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var site Site
			for _, b := range []string{"1", "2"} {
				site.Builds = append(site.Builds, Build{Files: []File{
					{Path: "/", Page: true, Body: "page" + b, Refs: []string{"/a.css"}, Control: row.page},
					{Path: "/a.css", Body: "css" + b, Control: row.asset},
				}})
			}
			cdn := K(1)
			cdn.Behaviors = []Behavior{{Pattern: "*", Terms: cdn.Behaviors[1].Terms}}
			cdn.Behaviors[0].Terms.Emulation.BareCacheControlMinimum = true // tells one that says nothing from none
			cdn.Behaviors[0].Terms.Policy.DefaultTTL = cachepolicy.DefaultTTL
			for _, v := range Prove(context.Background(), Deploy{Site: site, Mode: Modes()[0], CDN: cdn}, Bounds{}, nil) {
				if v.Property != row.property {
					continue
				}
				if v.Class != row.class || v.Class == "" && v.Status != Proved || v.Class == StalePage && v.Repair == "" {
					t.Errorf("%s is %s %s, want %s; repair %q, cause %q", v.Property, v.Status, v.Class, row.class, v.Repair, v.Cause)
				}
				break
			}
		})
	}
}
