package command

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/distribution"
	"staleproof/scenarios"
	"staleproof/scenarios/figures"
	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// maxBuilds is how many builds of one's own are taken, a limit of patience.
const maxBuilds = 20

// own is a proof about builds of one's own.
type own struct {
	dirs       []string
	builds     []*site.Build
	releases   []release
	cdn        prove.CDN
	dist       *distribution.Distribution // nil: no configuration was given
	controls   *controls
	pagesKnown bool // something says which Cache-Control pages have
	tabLife    time.Duration
	visitors   []prove.Kind      // nil: two fresh ones
	takes      []prove.Encodings // nil: nobody says anything about encodings
	bounds     prove.Bounds
	only       []onlyChain
}

// release is the deploy of one build over the one before, or the chain of all of
// them.
type release struct {
	name  string
	chain bool // neither table nor cost
	rows  []scenarios.Row
	table *site.Table
	cost  figures.Figures
}

// folders are the builds that are asked about, in order of release; none: the
// built-in site.
func folders(c *cli.Context) ([]string, error) {
	if err := noFlagsAfter(c); err != nil {
		return nil, err
	}
	return folderFlags(c, c.Args().Slice())
}

// folderFlags are the builds that --before and --after name, or --build and more.
func folderFlags(c *cli.Context, more []string) ([]string, error) {
	before, after := c.String("before"), c.String("after")
	dirs := slices.Concat(c.StringSlice("build"), more)
	switch {
	case before == "" && after == "" && len(dirs) == 0:
		return nil, nil
	case (before == "") != (after == ""):
		return nil, usagef("--before DIR --after DIR", "a deploy needs two builds, and one is given: --before and --after go together")
	case before != "" && len(dirs) > 0:
		return nil, usagef("staleproof prove DIR DIR DIR, oldest first", "--before and --after are two builds, and there are more")
	case before != "":
		return []string{before, after}, nil
	case len(dirs) == 1:
		return nil, usagef("staleproof prove DIR DIR, oldest first", "a deploy needs two builds, and one is given")
	case len(dirs) > maxBuilds:
		return nil, usagef("give the last ones", "%d builds are given, at most %d are taken", len(dirs), maxBuilds)
	}
	return dirs, nil
}

// readOwn reads builds of one's own, and what is known of the caches before them.
func (q *question) readOwn(c *cli.Context, dirs []string) error {
	o := &own{dirs: dirs, cdn: q.cdn, tabLife: q.tabLife, visitors: q.deploy.Visitors, takes: q.deploy.Takes, bounds: q.bounds}
	place, err := readPlace(c)
	if err != nil {
		return err
	}
	if o.builds, err = readAll(dirs, place, newReading(c)); err != nil {
		return err
	}
	for i := 1; i < len(dirs); i++ {
		if same(o.builds[i-1], o.builds[i]) {
			return usagef("build the site again after a change", "%s and %s hold the same files: nothing is deployed", dirs[i-1], dirs[i])
		}
	}
	if o.controls, err = readControls(textsOf(c, "header"), dirs); err != nil {
		return err
	}
	if err := o.readOrigins(c); err != nil {
		return err
	}
	if err := q.readCaches(c, o); err != nil {
		return err
	}
	o.pagesKnown = o.knowsPages()
	for i := 1; i < len(o.builds); i++ {
		if err := o.readRelease(i); err != nil {
			return err
		}
	}
	if len(o.builds) > 2 && !c.Bool("pairs") {
		if err := o.readChain(); err != nil {
			return err
		}
	}
	q.own = o
	q.about = o.about(q)
	q.preface += o.preface()
	return nil
}

// readOrigins asks the running origins, if there are any.
func (o *own) readOrigins(c *cli.Context) error {
	urls := []string{c.String("before-url"), c.String("after-url")}
	switch {
	case urls[0] == "" && urls[1] == "":
		return nil
	case urls[0] == "" || urls[1] == "":
		return usagef("--before-url URL --after-url URL", "--before-url and --after-url go together")
	case len(o.builds) != 2:
		return usagef("--before DIR --after DIR", "--before-url and --after-url go with two builds, and %d are given", len(o.builds))
	}
	for i, flag := range []string{"before-url", "after-url"} {
		l, err := askOrigin(c.Context, flag, urls[i], o.builds[i])
		if err != nil {
			return err
		}
		o.controls.live[i] = l
	}
	return nil
}

// readCaches sets up the CDN: as the configuration says, or as flags do.
func (q *question) readCaches(c *cli.Context, o *own) error {
	if files := c.StringSlice("config"); len(files) > 0 {
		if c.IsSet("query") {
			return usagef("write queryStrings into the cache policy of the file", "--query goes without --config")
		}
		options, err := readOptions(c)
		if err != nil {
			return err
		}
		d, notes, err := readDistribution(files, options)
		if err != nil {
			return err
		}
		o.dist, o.cdn.Behaviors = d, behaviors(d)
		o.cdn.Name = "as configured in " + strings.Join(files, ", ")
		if e := pageForMissing(d); e != nil {
			o.answerWithPage(e)
			q.preface += fmt.Sprintf("A missing file is answered with %s and status 200, which the CDN keeps for %s (custom error response).\n", e.Page, e.MinTTL)
		}
		for _, n := range notes {
			q.preface += fmt.Sprintf("%s: %s\n", n.Path, n.Message)
		}
	} else if c.IsSet("parameter") || c.IsSet("imports") {
		return usagef("--config template.yaml --parameter NAME=VALUE", "--parameter and --imports go with --config only")
	}
	habits(&o.cdn.Origin, o.controls.live, o.builds)
	o.cdn.Regional = c.Bool("regional")
	if o.cdn.Locations = c.Int("locations"); o.cdn.Locations < 1 || o.cdn.Locations > 3 {
		return usagef("--locations 1, 2 or 3", "--locations %d: the prover takes 1 to 3", o.cdn.Locations)
	}
	return nil
}

// knowsPages reports whether something says which Cache-Control some page has.
func (o *own) knowsPages() bool {
	for i, b := range o.builds {
		for _, p := range b.Pages() {
			if _, by := o.controls.of(i, p, p.URL); by != "" {
				return true
			}
		}
	}
	return false
}

// readRelease works out what the deploy of build i is about.
func (o *own) readRelease(i int) error {
	before, after := o.builds[i-1], o.builds[i]
	rowsOf := scenarios.Rows
	if o.takes != nil {
		rowsOf = scenarios.RowsWithCopies
	}
	rows, err := rowsOf(before, after, func(n int, f *site.File, url string) string { return o.control(i-1+n, f, url) })
	if err != nil {
		return usage{err, "the prover follows the files that pages refer to"}
	}
	if o.dist != nil {
		atRoot(rows, o.dist.DefaultRootObject)
	}
	caches := o.cdn.Locations
	if o.cdn.Regional {
		caches = 1
	}
	cost := figures.Of(figures.Input{
		Before: before, After: after, Terms: o.terms, MissingControl: o.cdn.Origin.MissingControl, Caches: caches, TabLife: o.tabLife,
		Control: func(n int, f *site.File, url string) string {
			return asSent(o.control(i-1+n, f, url))
		},
	})
	o.releases = append(o.releases, release{name: before.Name + " to " + after.Name, rows: rows, table: site.Bind(before, after), cost: cost})
	return nil
}

// control is the Cache-Control that servers send with a file of a build.
func (o *own) control(build int, f *site.File, url string) string {
	control, _ := o.controls.of(build, f, url)
	return control
}

// about says in one line what is proved.
func (o *own) about(q *question) string {
	text := strings.Join(o.dirs, " to ") + fmt.Sprintf(" on two servers, behind a CDN %s", o.cdn.Name)
	if o.cdn.Locations > 1 {
		text += fmt.Sprintf(" with %d edge locations", o.cdn.Locations)
	}
	if o.cdn.Regional {
		text += " and a regional cache"
	}
	return text + ". Each row stands for all assets of its kind, and follows one of them, with the page and the asset that lead to it." + o.chainTold() + q.visitorsTold()
}

// preface says what the builds are, before anything is proved.
func (o *own) preface() string {
	var b strings.Builder
	for i, r := range o.releases {
		if r.chain {
			continue
		}
		if len(o.releases) > 1 {
			fmt.Fprintf(&b, "%s: ", r.name)
		}
		pair := o.builds[i : i+2]
		assets := site.Recognise(pair...)
		b.WriteString(describe(assets, r.table, strategyOf(assets, r.table, pair[1])))
	}
	for _, name := range o.controls.unused {
		fmt.Fprintf(&b, "--header sets %s: for a proof only Cache-Control counts.\n", name)
	}
	for i, build := range o.builds {
		fmt.Fprintf(&b, "Cache-Control in %s: %s.\n", build.Name, o.controls.told(i, build))
	}
	for _, l := range o.controls.live {
		if l != nil {
			for _, t := range l.told() {
				b.WriteString(t + ".\n")
			}
		}
	}
	return b.String()
}

// job is one row of a release to be proved.
type job struct{ release, row int }

// jobs are the rows whose names contain one of the texts.
func (o *own) jobs(texts []string) ([]job, error) {
	var all []job
	var names []string
	for i, r := range o.releases {
		for j := range r.rows {
			names = append(names, r.rows[j].Name())
			if len(matching([]string{r.rows[j].Name()}, texts, func(s string) string { return s })) > 0 {
				all = append(all, job{i, j})
			}
		}
	}
	if len(all) == 0 {
		return nil, usagef("one of: "+strings.Join(slices.Compact(names), "; "), "no kind of asset is called like %s", strings.Join(texts, " or "))
	}
	return all, nil
}

// cells are how many deploys are proved.
func (o *own) cells(jobs []job, modes []prove.Mode) (n int) {
	for _, j := range jobs {
		n += len(o.releases[j.release].columns(modes))
	}
	return n
}

// prove proves the rows with every mode, a row on each processor, and returns a grid
// for each release.
func (o *own) prove(ctx context.Context, jobs []job, modes []prove.Mode, progress func(done int, p prove.Progress)) []prove.Grid {
	rows, only := make([]prove.Grid, len(jobs)), make([][]onlyChain, len(jobs))
	var mu sync.Mutex // guards done
	done := 0
	tell := func(p prove.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil && p.Done > 0 && p.Depth == 0 { // else still at it, or not looked at any more
			done++
		}
		progress(done, p)
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		workers.Go(func() { // ends when next is closed
			for i := range next {
				rel := &o.releases[jobs[i].release]
				r, columns := &rel.rows[jobs[i].row], rel.columns(modes)
				if rel.chain {
					rows[i] = o.proveChain(ctx, r, columns, tell)
					only[i] = o.onlyIn(ctx, r, columns, rows[i].Cells[0])
				} else {
					of := prove.Deploy{Site: r.Site, Visitors: o.visitors, Takes: o.takes}
					rows[i] = prove.Matrix(ctx, o.cdnFor(r), of, []prove.Strategy{{Name: r.Name()}}, modes, o.bounds, tell)
				}
				o.repair(ctx, r, rows[i].Cells[0])
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	workers.Wait()
	o.only = slices.Concat(only...)
	return o.grids(jobs, rows)
}

// grids puts rows together, a grid for each release.
func (o *own) grids(jobs []job, rows []prove.Grid) []prove.Grid {
	grids := make([]prove.Grid, len(o.releases))
	for i, j := range jobs {
		g := &grids[j.release]
		g.CDN, g.Modes = o.cdn.Name, rows[i].Modes
		if len(o.releases) > 1 {
			g.CDN += ", " + o.releases[j.release].name
		}
		g.Strategies = append(g.Strategies, rows[i].Strategies...)
		g.Cells = append(g.Cells, rows[i].Cells...)
	}
	return slices.DeleteFunc(grids, func(g prove.Grid) bool { return len(g.Cells) == 0 })
}

const hashRepair = "put a hash of the bytes into every file name, and change every reference to it"

// repair fills in what the prover cannot try on files as they are: to name them by
// their bytes. It is tried on the same assets, named so.
func (o *own) repair(ctx context.Context, r *scenarios.Row, cells []prove.Cell) {
	if r.Strategy == "name.hash" || r.Class == "page" {
		return
	}
	for i := range cells {
		var hashed []prove.Verdict
		for j := range cells[i].Verdicts {
			v := &cells[i].Verdicts[j]
			if v.Status != prove.Refuted || v.Repair != "" {
				continue
			}
			if hashed == nil {
				hashed = o.hashed(ctx, r, &cells[i].Deploy)
			}
			if !slices.ContainsFunc(hashed, func(h prove.Verdict) bool {
				return h.Property == v.Property && h.Status != prove.Proved && (h.Sticky || !v.Sticky)
			}) {
				v.Repair = hashRepair
			}
		}
	}
}

// hashed is what is proved of a row's assets, had they hashes in their names.
func (o *own) hashed(ctx context.Context, r *scenarios.Row, of *prove.Deploy) []prove.Verdict {
	if len(of.Site.Builds) > 2 || slices.ContainsFunc(of.Site.Builds[1].Files, func(f prove.File) bool { return f.Coding != "" }) {
		d := *of
		d.Site = hashedChain(d.Site)
		return prove.Prove(ctx, d, o.bounds, nil)
	}
	d := prove.Deploy{Name: r.Name(), Strategy: prove.Strategy{Name: "name.hash", Version: prove.InName}, Mode: of.Mode, CDN: o.cdnFor(r), Visitors: o.visitors, Takes: o.takes}
	files := r.Site.Builds[len(r.Site.Builds)-1].Files
	var refs []string // of the file before, innermost first
	for _, f := range slices.Backward(files) {
		a := prove.Asset{Name: f.Name, Page: f.Page, Refs: refs}
		if f.Page {
			if a.Name = strings.TrimPrefix(f.Path, "/"); a.Name == "" {
				a.Name = "html" // the prover's name for what is at /
			}
			d.CDN.Origin.PageControl = asSent(f.Control)
			d.Site.Assets = append(d.Site.Assets, a)
			continue
		}
		d.CDN.Origin.AssetControl = asSent(f.Control)
		d.Site.Assets = append(d.Site.Assets, a)
		refs = []string{f.Name}
	}
	return prove.Prove(ctx, d, o.bounds, nil)
}

func asSent(control string) string {
	if control == prove.NoControl {
		return ""
	}
	return control
}
