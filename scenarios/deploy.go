package scenarios

import (
	"context"
	"fmt"
	"strings"

	"staleproof/scenarios/prove"
)

// Deploy is a file that describes a deploy and is asked about all its
// interleavings: which site is put how on which servers behind which caches, who
// looks at it meanwhile, and what is expected of it. It is read by [ReadDeploy].
type Deploy struct {
	File   string
	Name   string // unique
	Source string
	Rows   []string // golden traces and ledger rows

	Prove  prove.Deploy
	Bounds prove.Bounds
	Expect []Finding // all must be found
}

// Finding is what a deploy file expects of one property.
type Finding struct {
	Line     int
	Property prove.Property // default S1, view consistency
	Proved   bool           // no violation; the fields below are empty then
	Class    prove.Class
	Sticky   bool
	// Events is how many events the shortest trace has, landings not counted.
	// With fewer the strategy has become weaker, with more or none stronger: both
	// fail.
	Events int
}

// DeployReport is how a deploy file came out.
type DeployReport struct {
	Deploy   *Deploy
	Verdicts []prove.Verdict
	Problems []string
}

// Passed reports whether all was as expected.
func (r *DeployReport) Passed() bool { return len(r.Problems) == 0 }

// String is the report on a few lines.
func (r *DeployReport) String() string {
	verdict := "PASS"
	if !r.Passed() {
		verdict = "FAIL"
	}
	text := fmt.Sprintf("%s  %s\n      %s  %s\n", verdict, r.Deploy.Name, r.Deploy.File, strings.Join(r.Deploy.Rows, " "))
	for _, p := range r.Problems {
		text += "        ! " + p + "\n"
	}
	return text
}

// Explore proves a deploy and compares what is found with what is expected.
// Progress may be nil.
func Explore(ctx context.Context, d *Deploy, progress func(prove.Progress)) DeployReport {
	r := DeployReport{Deploy: d, Verdicts: prove.Prove(ctx, d.Prove, d.Bounds, progress)}
	for _, f := range d.Expect {
		if p := f.compare(r.Verdicts); p != "" {
			r.Problems = append(r.Problems, fmt.Sprintf("line %d: %s", f.Line, p))
		}
	}
	return r
}

// compare says in what verdicts are not as f expects, or "".
func (f *Finding) compare(all []prove.Verdict) string {
	var others []string
	for i := range all {
		v := &all[i]
		switch {
		case v.Property != f.Property:
			continue
		case v.Status == prove.Unknown:
			return fmt.Sprintf("%s is UNKNOWN: %s", f.Property, v.Cause)
		case v.Status == prove.Proved && f.Proved:
			return ""
		case v.Status == prove.Refuted && !f.Proved && v.Class == f.Class && v.Sticky == f.Sticky:
			if v.Trace.Count != f.Events {
				return fmt.Sprintf("%s, %d events, want %d", f, v.Trace.Count, f.Events)
			}
			return ""
		case v.Status == prove.Refuted:
			others = append(others, describe(v))
		default:
			others = append(others, "PROVED")
		}
	}
	return fmt.Sprintf("%s: %s, want %s", f.Property, strings.Join(others, "; "), f)
}

func describe(v *prove.Verdict) string {
	return fmt.Sprintf("%s%s, %d events", stickiness(v.Sticky), v.Class, v.Trace.Count)
}

func stickiness(sticky bool) string {
	if sticky {
		return "sticky "
	}
	return "passing "
}

// String is what f expects, in words.
func (f *Finding) String() string {
	if f.Proved {
		return "PROVED"
	}
	return stickiness(f.Sticky) + string(f.Class)
}
