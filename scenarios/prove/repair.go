package prove

import (
	"maps"
	"slices"
	"time"
)

// repair is a change to a deploy, in words and as a function.
type repair struct {
	name  string
	apply func(*Deploy) bool // false: there is nothing to change
	late  bool               // it helps only who comes when the deploy is over
}

// repairs are the changes that are tried, the cheapest first.
var repairs = []repair{
	{name: "invalidate /* again when the longest download that may have begun before the last step has ended", apply: invalidateAgain, late: true},
	{name: "answer missing files with 404 and Cache-Control: no-store", apply: missingNoStore},
	{name: "set the error caching minimum TTL of 500, 502, 503 and 504 to 0", apply: forgetFailures},
	{name: "put the whole query string into the cache key", apply: keepQuery},
	{name: "put the encodings into the cache key: EnableAcceptEncodingGzip and EnableAcceptEncodingBrotli", apply: keepEncodings},
	{name: "make the server verify the version in the URL, and answer 404 with no-store to any other", apply: verifyVersion},
	{name: "invalidate the regional cache before the edge", apply: regionalFirst},
	{name: "invalidate /* after the last step", apply: invalidateLast},
	{name: "compress again with every build, and write a file and its compressed copies in one step", apply: renewCopies},
	{name: "publish leaves, then what refers to them, on all servers, and pages last", apply: leavesFirst},
	{name: "keep the files of the old build", apply: keepOld},
	{name: "do not cache pages", apply: uncachePages},
	{name: "put a hash of the bytes into every file name, and change every reference to it", apply: hashNames},
}

// invalidateAgain is for an edge that stores what it asked for before an invalidation,
// as CloudFront may: nobody can tell it not to. When the last of that has come, a second
// invalidation is as good as if it had been dropped, for all who come afterwards. With a
// regional cache it is not: an edge location may be under way with what that still had.
func invalidateAgain(d *Deploy) bool {
	sent := slices.ContainsFunc(d.Mode.Steps, func(s Step) bool { return s.Do == Invalidate })
	if !sent || d.CDN.Regional || len(d.Mode.Steps) == maxSteps {
		return false
	}
	late := d.CDN.changeTerms(func(b *Behavior) bool {
		had := b.Terms.Emulation.KeepLateFills
		b.Terms.Emulation.KeepLateFills = false
		return had
	})
	if late {
		invalidateAtTheEnd(d)
	}
	return late
}

func missingNoStore(d *Deploy) bool {
	o := &d.CDN.Origin
	had := o.MissingControl != "no-store" || o.Fallback
	o.MissingControl, o.Fallback = "no-store", false
	return had
}

// forgetFailures is for servers that fail: no-store on their errors says nothing.
// [ERR-09]
func forgetFailures(d *Deploy) bool {
	return d.CDN.Origin.Outages > 0 && d.CDN.changeTerms(func(b *Behavior) bool {
		b.Terms.ErrorTTL = maps.Clone(b.Terms.ErrorTTL)
		if b.Terms.ErrorTTL == nil {
			b.Terms.ErrorTTL = map[int]time.Duration{}
		}
		for _, status := range []int{500, 502, 503, 504} {
			b.Terms.ErrorTTL[status] = 0
		}
		return true
	})
}

func keepQuery(d *Deploy) bool {
	return d.CDN.changeTerms(func(b *Behavior) bool {
		q := &b.Terms.Policy.QueryStrings
		had := !q.Picks("v") || !q.Picks("h")
		*q = allQuery
		return had
	})
}

// keepEncodings makes variants of what is asked for with encodings. [AE-01]
func keepEncodings(d *Deploy) bool {
	return d.Takes != nil && d.CDN.changeTerms(func(b *Behavior) bool {
		p := &b.Terms.Policy
		had := !p.Gzip || !p.Brotli || b.Terms.IgnoresEncoding
		p.Gzip, p.Brotli, b.Terms.IgnoresEncoding = true, true, false
		return had
	})
}

// renewCopies has no compressed copy that is of other bytes than the file: for whoever
// looks, as if servers compressed what they answer.
func renewCopies(d *Deploy) bool {
	had := len(d.Site.Copies) > 0
	d.Site.Copies = nil
	d.Site.Builds = slices.Clone(d.Site.Builds)
	for i := range d.Site.Builds {
		b := &d.Site.Builds[i]
		n := len(b.Files)
		b.Files = slices.DeleteFunc(slices.Clone(b.Files), func(f File) bool { return f.Coding != "" })
		had = had || len(b.Files) != n
	}
	d.CDN.Origin.Encodes = d.CDN.Origin.Encodes || had
	return had
}

func verifyVersion(d *Deploy) bool {
	switch d.Strategy.Version {
	case InQuery, InQueryHash, InRewrittenDir, asBuilt:
	default:
		return false
	}
	had := !d.CDN.Origin.Verify
	d.CDN.Origin.Verify = true
	return missingNoStore(d) || had
}

func regionalFirst(d *Deploy) bool {
	steps := d.Mode.Steps
	edge, regional := -1, -1
	for i, s := range steps {
		if s.Do == Invalidate && s.Tier == "edge" {
			edge = i
		}
		if s.Do == Invalidate && s.Tier == "regional" {
			regional = i
		}
	}
	if edge < 0 || regional < edge {
		return false
	}
	steps[edge].Name, steps[regional].Name = steps[regional].Name, steps[edge].Name
	steps[edge].Tier, steps[regional].Tier = "regional", "edge"
	return true
}

func invalidateLast(d *Deploy) bool {
	if n := len(d.Mode.Steps); n == maxSteps || d.Mode.Steps[n-1].Do == Invalidate && d.Mode.Steps[n-1].Tier == "" {
		return false
	}
	invalidateAtTheEnd(d)
	return true
}

func invalidateAtTheEnd(d *Deploy) {
	last := invalidateAll()
	if d.CDN.Regional {
		d.Mode.Steps = append(d.Mode.Steps, Step{Name: "invalidate /* in regional", Do: Invalidate, Tier: "regional"})
		last.Tier = "edge"
	}
	for i := range d.Mode.Steps {
		last.After = append(last.After, i)
	}
	d.Mode.Steps = append(d.Mode.Steps, last)
}

// leavesFirst puts all assets everywhere, leaves before what refers to them, and
// then does the steps of the deploy as they were.
func leavesFirst(d *Deploy) bool {
	newest := 0
	for _, s := range d.Mode.Steps {
		if s.Do == Put {
			newest = max(newest, s.Build)
		}
	}
	if newest == 0 || len(d.Mode.Steps)+2 > maxSteps || d.Mode.Steps[0].Files == Leaves {
		return false
	}
	steps := []Step{
		{Name: "leaves first", Do: Put, Build: newest, Files: Leaves},
		{Name: "then what refers to them", Do: Put, Build: newest, Files: Parents, After: []int{0}},
	}
	for _, s := range d.Mode.Steps {
		if s.After != nil {
			after := []int{1}
			for _, a := range s.After {
				after = append(after, a+2)
			}
			s.After = after
		}
		steps = append(steps, s)
	}
	d.Mode.Steps = steps
	return true
}

func keepOld(d *Deploy) bool {
	var steps []Step
	for i, s := range d.Mode.Steps {
		if s.Do != Delete && s.Do != Remove {
			steps = append(steps, s)
			continue
		}
		if i != len(d.Mode.Steps)-1 {
			return false // others may refer to it by number
		}
	}
	had := len(steps) != len(d.Mode.Steps) && len(steps) > 0
	if had {
		d.Mode.Steps = steps
	}
	return had
}

func uncachePages(d *Deploy) bool {
	had := d.CDN.Origin.PageControl != "no-store"
	d.CDN.Origin.PageControl = "no-store"
	had = d.dropPageControl() || had
	paths := d.pagePaths()
	changed := d.CDN.changeTerms(func(b *Behavior) bool {
		if !slices.Contains(paths, b.Pattern) || b.Terms.Policy.MinTTL == 0 {
			return false
		}
		b.Terms.Policy.MinTTL = 0
		return true
	})
	return had || changed
}

// dropPageControl takes away what pages say of their own about caching.
func (d *Deploy) dropPageControl() (had bool) {
	d.Site.Builds = slices.Clone(d.Site.Builds)
	for i := range d.Site.Builds {
		b := &d.Site.Builds[i]
		b.Files = slices.Clone(b.Files)
		for j := range b.Files {
			if f := &b.Files[j]; f.Page && f.Control != "" {
				had = had || f.Control != "no-store"
				f.Control = ""
			}
		}
	}
	return had
}

func (d *Deploy) pagePaths() []string {
	out := []string{"/"}
	for _, b := range d.Site.Builds {
		for _, f := range b.Files {
			if f.Page {
				out = append(out, f.Path)
			}
		}
	}
	return out
}

func hashNames(d *Deploy) bool {
	s := &d.Strategy
	if d.Site.Builds != nil || s.Version == InName && !s.NestedBare && !s.SameID {
		return false
	}
	*s = Strategy{Name: "name.hash", Version: InName}
	return true
}

func (c *CDN) changeTerms(change func(*Behavior) bool) bool {
	c.Behaviors = slices.Clone(c.Behaviors)
	had := false
	for i := range c.Behaviors {
		had = change(&c.Behaviors[i]) || had
	}
	return had
}

// repairer finds the cheapest repair for a violation. It remembers what the
// fixpoint said about each changed deploy.
type repairer struct {
	deploy Deploy
	bounds Bounds
	known  map[[2]int]found
}

// cheapest is the first repair, or pair of repairs, after which the property is
// proved as far as v breaks it: not at all any more, or no longer sticky.
func (r *repairer) cheapest(v violation) string {
	for i := range repairs {
		if repairs[i].late && !v.sticky() {
			continue
		}
		if may, ok := r.may(i, i); ok && !breaks(may, v) {
			return repairs[i].name
		}
	}
	for i := range repairs {
		for j := range i {
			if repairs[j].late && !v.sticky() {
				continue
			}
			if may, ok := r.may(j, i); ok && !breaks(may, v) {
				return repairs[j].name + "; and " + repairs[i].name
			}
		}
	}
	return ""
}

// breaks reports whether a property is violated in may, at least as stickily as
// by v.
func breaks(may found, v violation) bool {
	for x := range noViolation {
		if may.has(x) && x.property() == v.property() && (x.sticky() || !v.sticky()) {
			return true
		}
	}
	return false
}

// may is the fixpoint after repairs i and j; false when one of them changes
// nothing.
func (r *repairer) may(i, j int) (found, bool) {
	const useless = ^found(0)
	if may, ok := r.known[[2]int{i, j}]; ok {
		return may, may != useless
	}
	d := r.deploy
	d.Mode.Steps = slices.Clone(d.Mode.Steps)
	may := useless
	if repairs[i].apply(&d) && (i == j || repairs[j].apply(&d)) {
		if m, err := newModel(d, r.bounds, hook{}); err == nil {
			may = m.mayHappen()
		}
	}
	r.known[[2]int{i, j}] = may
	return may, may != useless
}
