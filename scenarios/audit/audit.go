package audit

import (
	"slices"
	"time"

	"staleproof/scenarios/site"
)

// Class is the kind of a finding.
type Class string

const (
	Binding       Class = "binding"   // one URL, other bytes in another build: assumption A1
	Escape        Class = "escape"    // a reference that leaves its release: A5
	Bare          Class = "bare"      // a reference without version inside a versioned file: A5
	KeyTrap       Class = "key"       // the version is in the query string alone: A2, A3
	ValidatorTrap Class = "validator" // same size and time, other bytes: A4
	FallbackTrap  Class = "fallback"  // HTML under an asset's name, or a reference that no file answers: A2, A6
	BrokenVariant Class = "variant"   // a compressed copy whose bytes are not the file's: A2
	Integrity     Class = "sri"       // scripts and style sheets without, or with a wrong, integrity attribute
	Cascade       Class = "cascade"   // files renamed only because what they refer to was
)

// Classes lists all classes in the order they are reported.
func Classes() []Class {
	return []Class{Binding, Escape, Bare, KeyTrap, ValidatorTrap, FallbackTrap, BrokenVariant, Integrity, Cascade}
}

// Options is what is known of builds besides their files. The zero value is nothing.
type Options struct {
	// Times are the modification times of files by path, one map for each build, in
	// the same order. Default none: the validator trap is not looked for.
	Times []map[string]time.Time
}

// Finding is one thing found.
type Finding struct {
	Class Class `json:"class"`
	// Note: with these builds nothing goes wrong; with others it may, or it costs.
	Note   bool   `json:"note"`
	Build  string `json:"build"`           // the later one, where two are compared
	URL    string `json:"url,omitempty"`   // that is asked for
	Where  string `json:"where,omitempty"` // path, or path:line, in the build
	What   string `json:"what"`
	Repair string `json:"repair,omitempty"`
	// Diff is how the two files differ: text around the first difference, in lines
	// that begin with - and +. Empty for binary files.
	Diff []string `json:"diff,omitempty"`
}

// Facts is a build in numbers.
type Facts struct {
	Name  string `json:"name"`
	Files int    `json:"files"`
	Pages int    `json:"pages"`
	Bytes int64  `json:"bytes"`
}

// Report is what an audit found.
type Report struct {
	Builds []Facts `json:"builds"`
	// Assets is how many assets pages lead to, by how they are versioned.
	Assets   map[site.Strategy]int `json:"assets"`
	Releases []Release             `json:"releases"` // from each build to the next
	Findings []Finding             `json:"findings"` // in order of Classes, then of build and URL
}

// Audit looks at builds of one site, given in order of release; one is enough for
// what needs no comparison.
func Audit(builds []*site.Build, o Options) Report {
	a := auditor{builds: builds, times: o.Times, table: site.Bind(builds...), assets: map[string]site.Asset{}}
	r := Report{Assets: map[site.Strategy]int{}, Releases: []Release{}, Findings: []Finding{}}
	for _, b := range builds {
		f := Facts{Name: b.Name, Files: len(b.Files), Pages: len(b.Pages())}
		for _, file := range b.Files {
			f.Bytes += file.SizeBytes
		}
		r.Builds = append(r.Builds, f)
	}
	for _, asset := range site.Recognise(builds...) {
		r.Assets[asset.Strategy]++
		for _, u := range asset.URLs {
			a.assets[u.URL] = asset
		}
	}
	for i := 1; i < len(builds); i++ {
		r.Releases = append(r.Releases, release(builds[i-1], builds[i]))
	}
	looks := []func() []Finding{a.bindings, a.closure, a.keys, a.validators, a.fallbacks, a.copies, a.integrity}
	for _, look := range looks {
		r.Findings = append(r.Findings, look()...)
	}
	for _, rel := range r.Releases {
		r.Findings = append(r.Findings, rel.findings()...)
	}
	order := Classes()
	slices.SortStableFunc(r.Findings, func(x, y Finding) int {
		return slices.Index(order, x.Class) - slices.Index(order, y.Class)
	})
	return r
}

// Failing returns the findings that make an audit fail: those of the classes named,
// notes among them; with nil all that are no notes.
func (r Report) Failing(on []Class) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if on == nil && !f.Note || slices.Contains(on, f.Class) {
			out = append(out, f)
		}
	}
	return out
}

// auditor is an audit under way.
type auditor struct {
	builds []*site.Build
	times  []map[string]time.Time
	table  *site.Table
	assets map[string]site.Asset // by URL
}

// strategy is how the asset with a URL is versioned.
func (a *auditor) strategy(url string) site.Strategy {
	if x, ok := a.assets[url]; ok {
		return x.Strategy
	}
	return site.Plain
}

// name is an asset's URL without a version; of a page its URL.
func (a *auditor) name(url string) string {
	if x, ok := a.assets[url]; ok {
		return x.Name
	}
	return url
}
