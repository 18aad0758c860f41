package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

//go:embed deploys/*.yaml
var deployFiles embed.FS

// Deploys are the embedded deploy files, in order of their names.
func Deploys() ([]*Deploy, error) {
	files, err := fs.Glob(deployFiles, "deploys/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Deploy
	var wrong []error
	first := map[string]string{}
	for _, f := range files {
		b, err := fs.ReadFile(deployFiles, f)
		if err != nil {
			return nil, fmt.Errorf("read a deploy: %w", err)
		}
		d, err := ReadDeploy(f, b)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if other, ok := first[d.Name]; ok {
			wrong = append(wrong, &Error{File: f, Path: "name", What: fmt.Sprintf("%q is the name of the deploy in %s, too", d.Name, other)})
		}
		first[d.Name] = f
		all = append(all, d)
	}
	return all, errors.Join(wrong...)
}

// IsDeploy reports whether a file is meant to describe a deploy and not to tell a
// story: it has a strategy.
func IsDeploy(b []byte) bool {
	root, err := parse("", b)
	return err == nil && root.at("strategy") != nil
}

// ReadDeploy reads one deploy file, as strictly as [Read].
func ReadDeploy(file string, b []byte) (*Deploy, error) {
	root, err := parse(file, b)
	if err != nil {
		return nil, err
	}
	d := &Deploy{File: file}
	o := root.object()
	d.Name = o.need("name").word()
	d.Prove.Name = d.Name
	d.Source = o.need("source").word()
	d.Rows = o.rows()
	d.site(o.need("site"))
	d.Prove.Strategy = o.need("strategy").strategy()
	d.Prove.Mode = o.need("deploy").mode()
	if v := o.take("servers"); v != nil {
		d.Prove.Servers = v.number(1, 4)
	}
	if v := o.take("visitors"); v != nil {
		d.visitors(v)
	}
	d.bounds(o.take("bounds"))
	takes := o.take("encodings")
	d.encodings(takes, o.take("copies"))
	d.Prove.CDN = o.take("cdn").cdn(takes != nil)
	d.expect(o.need("expect"))
	o.close()
	return d, root.in.err()
}

func (d *Deploy) site(v *value) {
	switch v.word("sample", "demo") {
	case "sample":
		d.Prove.Site = prove.SampleSite()
	case "demo":
		builds, err := site.Demo(site.Plain, site.InnerRewritten)
		if err == nil {
			d.Prove.Site, _, err = Slice(builds[0], builds[1])
		}
		if err != nil {
			v.refuse("%v", err)
		}
	}
}

// strategy reads one of the prover's by name.
func (v *value) strategy() prove.Strategy {
	var names []string
	for _, s := range prove.Strategies() {
		if v != nil && s.Name == v.text {
			return s
		}
		names = append(names, s.Name)
	}
	if v != nil {
		v.refuse("is %s, want one of %s", v.kind(), strings.Join(names, "; "))
	}
	return prove.Strategy{}
}

// mode reads one of the prover's by name, or a list of steps.
func (v *value) mode() prove.Mode {
	if v == nil {
		return prove.Mode{}
	}
	if v.isList {
		m := prove.Mode{Name: "its own steps"}
		for _, item := range v.list {
			m.Steps = append(m.Steps, item.deployStep())
		}
		return m
	}
	var names []string
	for _, m := range slices.Concat(prove.Modes(), prove.CopyModes()) {
		if v.scalar && m.Name == v.text {
			return m
		}
		names = append(names, m.Name)
	}
	v.refuse("is %s, want a list of steps, or one of %s", v.kind(), strings.Join(names, "; "))
	return prove.Mode{}
}

// deployStep reads {put: 2, server: 1, files: pages}, {delete: 1},
// {invalidate: [/*], tier: edge} or {wait: 61s}.
func (v *value) deployStep() prove.Step {
	o := v.object()
	s := prove.Step{}
	acts := []prove.Act{prove.Put, prove.Tear, prove.Delete, prove.Remove, prove.Invalidate, prove.Wait}
	for _, a := range acts {
		subject := o.take(string(a))
		if subject == nil {
			continue
		}
		if s.Do != "" {
			subject.refuse("a step does one thing, and this one has %s already", s.Do)
		}
		s.Do = a
		switch a {
		case prove.Invalidate:
			s.Items, s.Name = subject.words(), "invalidate "+strings.Join(subject.words(), " ")
		case prove.Wait:
			s.For, s.Name = subject.duration(), "wait "+subject.text
		default:
			s.Build, s.Name = subject.number(1, 2), fmt.Sprintf("%s %s", a, subject.text)
		}
	}
	if s.Do == "" {
		v.refuse("no step does so: put, tear, delete, remove, invalidate, wait")
	}
	if n := o.take("server"); n != nil {
		s.Server = n.number(1, 4)
		s.Name += fmt.Sprintf(" on s%d", s.Server)
	}
	if f := o.take("files"); f != nil {
		s.Files = prove.Select(f.word(string(prove.Pages), string(prove.Assets), string(prove.Parents), string(prove.Leaves), string(prove.Plain), string(prove.Copies)))
		s.Name += ", " + string(s.Files)
	}
	if t := o.take("tier"); t != nil {
		s.Tier = t.word("edge", "regional")
	}
	o.close()
	return s
}

func (d *Deploy) visitors(v *value) {
	var kinds []string
	for _, k := range prove.Kinds() {
		kinds = append(kinds, string(k))
	}
	for _, k := range v.words() {
		if !slices.Contains(kinds, k) {
			v.refuse("%q is no visitor, only %s", k, strings.Join(kinds, ", "))
		}
		d.Prove.Visitors = append(d.Prove.Visitors, prove.Kind(k))
	}
}

func (d *Deploy) bounds(v *value) {
	if v == nil {
		return
	}
	o := v.object()
	if n := o.take("visitors"); n != nil {
		d.Bounds.Visitors = n.number(1, 4)
	}
	if n := o.take("flights"); n != nil {
		d.Bounds.Flights = n.number(-1, 4)
	}
	if n := o.take("evictions"); n != nil {
		d.Bounds.Evictions = n.number(-1, 100)
	}
	d.Bounds.Prefixes = o.take("prefixes").flag()
	d.Bounds.Horizon = o.take("horizon").duration()
	o.close()
}

func (d *Deploy) expect(v *value) {
	if v == nil {
		return
	}
	list := v.list
	if !v.isList {
		list = []*value{v}
	}
	if len(list) == 0 {
		v.refuse("expects nothing")
	}
	for _, item := range list {
		d.Expect = append(d.Expect, item.finding())
	}
}

func (v *value) finding() Finding {
	f := Finding{Line: v.line, Property: prove.ViewConsistency}
	o := v.object()
	if p := o.take("property"); p != nil {
		var known []string
		for _, k := range prove.Properties() {
			known = append(known, string(k))
		}
		f.Property = prove.Property(p.word(known...))
	}
	f.Proved = o.take("proved").flag()
	if f.Proved {
		o.close()
		return f
	}
	classes := []string{string(prove.Stale), string(prove.Ahead), string(prove.Missing), string(prove.Torn), string(prove.Mixed), string(prove.Poison), string(prove.StalePage), string(prove.Flip)}
	f.Class = prove.Class(o.need("class").word(classes...))
	f.Sticky = o.need("sticky").flag()
	if n := o.need("events"); n != nil {
		f.Events = n.number(1, 100)
	}
	o.close()
	return f
}
