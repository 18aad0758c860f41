package site

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestStrategiesAreRecognised(t *testing.T) {
	md5 := "900150983cd24fb0" // of "abc"
	rows := []struct {
		name   string
		urls   []string // in builds 1, 2 …: the URL of one script with the bytes "abc"
		second string   // URL of another script beside it, * is replaced as in the first; "": none
		want   Strategy
		asset  string
	}{
		{"nothing", []string{"/a.js"}, "", Plain, "/a.js"},
		{"a size is no version", []string{"/a.js?w=100"}, "", Plain, "/a.js?w=100"},
		{"a release", []string{"/a.js?v=1.2"}, "", QueryRelease, "/a.js"},
		{"a release beside other parameters", []string{"/a.js?lang=de&ver=6.1"}, "", QueryRelease, "/a.js?lang=de"},
		{"a time without a name", []string{"/a.js?1234567890"}, "", QueryRelease, "/a.js"},
		{"a hash that is of the bytes", []string{"/a.js?x=" + md5}, "", QueryHash, "/a.js"},
		{"a hash that looks like one", []string{"/a.js?id=8e5c48aa01"}, "", QueryHash, "/a.js"},
		{"Django", []string{"/site.1442b6448fa6.js"}, "", HashedName, "/site.*.js"},
		{"Vite", []string{"/assets/index-Kzr5FZpi.js"}, "", HashedName, "/assets/index-*.js"},
		{"Vite with a dash in the hash", []string{"/assets/index-B_x-Kd9a.js"}, "", HashedName, "/assets/index-*.js"},
		{"Vite without a digit, which a neighbour shows", []string{"/assets/index-DeikVcPk.js"}, "/*/more-BOTz2CK9.js", HashedName, "/assets/index-*.js"},
		{"the same name alone", []string{"/assets/index-DeikVcPk.js"}, "", Plain, "/assets/index-DeikVcPk.js"},
		{"a plain word beside a hash", []string{"/assets/app-settings.js"}, "/*/more-BOTz2CK9.js", Plain, "/assets/app-settings.js"},
		{"webpack", []string{"/main.8f2e3d4c5b6a79801234.chunk.js"}, "", HashedName, "/main.*.chunk.js"},
		{"esbuild", []string{"/app-KZ5VJ4HX.js"}, "", HashedName, "/app-*.js"},
		{"Phoenix has both", []string{"/app-900150983cd24fb0d6963f7d28e17f72.js?vsn=d"}, "", HashedName, "/app-*.js"},
		{"a capitalised word is no hash", []string{"/Section2Title.js"}, "", Plain, "/Section2Title.js"},
		{"a date in a name is no hash", []string{"/photo-20231201.js"}, "", Plain, "/photo-20231201.js"},
		{"a library's version is no hash", []string{"/jquery-3.6.0.min.js"}, "", Plain, "/jquery-3.6.0.min.js"},
		{"the article's directory", []string{"/static/mysite-1.1/a.js"}, "", Directory, "/static/*/a.js"},
		{"a commit", []string{"/0a1b2c3/a.js"}, "", Directory, "/*/a.js"},
		{"Magento", []string{"/static/version1475604434/a.js"}, "", DirectoryRewritten, "/static/*/a.js"},
		{"a directory only a comparison shows", []string{"/red/a.js", "/green/a.js"}, "/*/b.js", Directory, "/*/a.js"},
		{"one file in two directories shows nothing", []string{"/red/a.js", "/green/a.js"}, "", Plain, "/green/a.js"},
		{"a hash of digits only a comparison shows", []string{"/a.12345678.js", "/a.87654321.js"}, "", HashedName, "/a.*.js"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var builds []*Build
			for i, u := range r.urls {
				path, _, _ := strings.Cut(strings.TrimPrefix(u, "/"), "?")
				o := Options{}
				if r.want == DirectoryRewritten {
					path, o.Strip = "a.js", regexp.MustCompile(`^static/[^/]+/`)
				}
				files := []string{path, "abc", "index.html", fmt.Sprintf("<script src=%q></script>", u)}
				if r.second != "" {
					other := strings.Replace(r.second, "*", strings.Split(u, "/")[1], 1)
					files[3] += fmt.Sprintf("<script src=%q></script>", other)
					files = append(files, strings.TrimPrefix(other, "/"), "b")
				}
				builds = append(builds, site(t, fmt.Sprint(i+1), o, files...))
			}
			a := Recognise(builds...)[0]
			if a.Strategy != r.want || a.Name != r.asset || a.Evidence == "" {
				t.Errorf("%v: got %s %s (%s), want %s %s", r.urls, a.Strategy, a.Name, a.Evidence, r.want, r.asset)
			}
		})
	}
}

func TestPrevailingStrategyOfTheDemo(t *testing.T) {
	for _, s := range Strategies() {
		if got := Prevailing(Recognise(demo(t, s, "")...)); got != s {
			t.Errorf("demo as %s: recognised %s", s, got)
		}
	}
}

func TestCascadeCostOfTheDemo(t *testing.T) {
	rows := []struct {
		strategy Strategy
		from     int // build, 0-based
		want     string
		cold     int
	}{
		{Plain, 0, "same 3, rebound 3", 0},
		{QueryRelease, 0, "changed 3, cascaded 1, recopied 2", 6},
		{QueryHash, 0, "same 2, changed 3, cascaded 1", 4},
		{Directory, 0, "changed 3, recopied 3", 6},
		{HashedName, 0, "same 2, changed 3, cascaded 1", 4},
		{Plain, 1, "same 3, rebound 2, removed 1", 0},
		{Directory, 1, "changed 2, recopied 3, removed 1", 5},
		{HashedName, 1, "same 3, changed 2, removed 1", 2},
	}
	for _, r := range rows {
		builds := demo(t, r.strategy, "")
		c := Compare(builds[r.from], builds[r.from+1])
		var parts []string
		for _, ch := range Changes() {
			if n := c.Counts[ch]; n > 0 {
				parts = append(parts, fmt.Sprintf("%s %d", ch, n))
			}
		}
		if got := strings.Join(parts, ", "); got != r.want || c.ColdURLs != r.cold || (c.ColdBytes > 0) != (r.cold > 0) {
			t.Errorf("%s, build %d to %d: got %s, %d cold (%d bytes), want %s, %d cold", r.strategy, r.from+1, r.from+2, got, c.ColdURLs, c.ColdBytes, r.want, r.cold)
		}
	}
}

func TestDemoIsSmallAndAsDescribed(t *testing.T) {
	total := int64(0)
	hashes := map[string]map[string]Hash{}
	for _, b := range demo(t, Plain, "") {
		hashes[b.Name] = map[string]Hash{}
		for _, f := range b.Files {
			total += f.SizeBytes
			hashes[b.Name][f.Path] = f.Hash
		}
		if len(b.Notes) > 0 {
			t.Errorf("build %s has notes %v", b.Name, b.Notes)
		}
	}
	if total == 0 || total > 200_000 {
		t.Errorf("the demo has %d bytes, want at most 200,000", total)
	}
	rows := []struct{ path, changes string }{ // of builds 2 and 3: c changed, s same, g gone
		{"index.html", "cc"}, {"css/site.css", "cc"}, {"img/lighthouse.png", "cs"}, {"js/app.js", "sc"}, {"js/greeting.js", "cs"}, {"js/log.js", "sg"}, {"font/lamp.woff", "ss"},
	}
	for _, r := range rows {
		got := ""
		for _, n := range []string{"2", "3"} {
			before, now := hashes[string(n[0]-1)][r.path], hashes[n][r.path]
			switch {
			case now == Hash{}:
				got += "g"
			case now == before:
				got += "s"
			default:
				got += "c"
			}
		}
		if got != r.changes {
			t.Errorf("%s: got %s, README says %s", r.path, got, r.changes)
		}
	}
}
