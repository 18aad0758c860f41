package scenarios

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Report is how a story went.
type Report struct {
	Scenario *Scenario
	Steps    []StepReport // as far as it came
	Problems []string     // of the story as a whole
}

// StepReport is how one step went.
type StepReport struct {
	Step     *Step
	At       time.Duration // cache time since Start
	Answers  []Answer      // of each viewer
	Fetched  []Fetch       // what the origins were asked, in order
	Covered  int           // stored responses that an invalidation covers, or that were forgotten
	Problems []string
}

// Fetch is one request that an origin got.
type Fetch struct {
	Origin, Method, URL string
	Header              http.Header
}

// header is what the origin got, without what names the viewer when several asked
// at the same time: it is not determined who of them goes ahead.
func (f *Fetch) header(several bool) http.Header {
	if !several {
		return f.Header
	}
	h := f.Header.Clone()
	for _, name := range [...]string{"X-Amz-Cf-Id", "Via", "X-Forwarded-For"} {
		h.Del(name)
	}
	return h
}

func (r *StepReport) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// Passed reports whether all was as expected.
func (r *Report) Passed() bool {
	return len(r.Problems) == 0 && !slices.ContainsFunc(r.Steps, func(s StepReport) bool { return len(s.Problems) > 0 })
}

// String is the report in a line for each step, and what was wrong below it.
func (r *Report) String() string { return r.text(false) }

// Verbose is String with every byte that viewers and origins got. Two plays of
// one story are the same if and only if these texts are.
func (r *Report) Verbose() string { return r.text(true) }

func (r *Report) text(verbose bool) string {
	var b strings.Builder
	verdict := "PASS"
	if !r.Passed() {
		verdict = "FAIL"
	}
	fmt.Fprintf(&b, "%s  %s\n      %s  %s\n", verdict, r.Scenario.Name, r.Scenario.File, strings.Join(r.Scenario.Rows, " "))
	for i := range r.Steps {
		r.Steps[i].text(&b, verbose)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "      %s: %s\n", r.Scenario.File, p)
	}
	return b.String()
}

func (r *StepReport) text(b *strings.Builder, verbose bool) {
	fmt.Fprintf(b, "  %4d  %-8s %s", r.Step.Line, "+"+r.At.String(), r.Step)
	r.summary(b)
	b.WriteByte('\n')
	if verbose {
		for _, f := range r.Fetched {
			fmt.Fprintf(b, "          origin %s  %s %s\n", f.Origin, f.Method, f.URL)
			headerText(b, f.header(r.Step.Together > 1))
		}
		for i, a := range r.Answers {
			a.text(b, i)
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(b, "        ! %s\n", p)
	}
}

// summary is what came of a step, on the line of the step.
func (r *StepReport) summary(b *strings.Builder) {
	switch r.Step.Do {
	case Invalidate, Forget:
		fmt.Fprintf(b, "  → %d covered", r.Covered)
	case Get, Head, Post:
		counts := map[string]int{}
		for _, a := range r.Answers {
			counts[a.short()]++
		}
		var all []string
		for _, s := range slices.Sorted(maps.Keys(counts)) {
			if n := counts[s]; n > 1 {
				s = fmt.Sprintf("%d × %s", n, s)
			}
			all = append(all, s)
		}
		fmt.Fprintf(b, "  → %s", strings.Join(all, ", "))
		if n := len(r.Fetched); n > 0 {
			fmt.Fprintf(b, ", fetched %d", n)
		}
	}
}

func (a *Answer) short() string {
	switch {
	case a.Left:
		return "left"
	case a.Err != nil:
		return "no answer"
	}
	s := fmt.Sprintf("%d %s", a.Status, a.Result)
	if age := a.Header.Get("Age"); age != "" {
		s += " age " + age
	}
	if a.Cut {
		s += " cut"
	}
	return s
}

func (a *Answer) text(b *strings.Builder, n int) {
	fmt.Fprintf(b, "          viewer %d  %s", n+1, a.short())
	if a.Reason != "" {
		fmt.Fprintf(b, "  (%s)", a.Reason)
	}
	if a.Err != nil {
		fmt.Fprintf(b, "  (%v)", a.Err)
	}
	b.WriteByte('\n')
	headerText(b, a.Header)
	if a.Body != "" {
		for line := range strings.SplitSeq(strings.TrimSuffix(a.Body, "\n"), "\n") {
			fmt.Fprintf(b, "            | %s\n", line)
		}
	}
}

func headerText(b *strings.Builder, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			fmt.Fprintf(b, "            %s: %s\n", name, v)
		}
	}
}

// String is a step as its file has it, on one line.
func (s *Step) String() string {
	out := string(s.Do) + " "
	switch s.Do {
	case Advance:
		return out + s.For.String()
	case Invalidate, Forget:
		out += strings.Join(s.Items, " ")
		if s.At != Everywhere {
			out += " at " + string(s.At)
		}
		return out
	case Break:
		return out + s.Which + " " + string(s.How)
	case Mend:
		return out + s.Which
	}
	out += s.URL
	if s.As != "" {
		out += " as " + s.As
	}
	if s.POP > 0 {
		out += fmt.Sprintf(" at location %d", s.POP)
	}
	if s.Together > 1 {
		out += fmt.Sprintf(" together %d", s.Together)
	}
	if s.Leaves > 0 {
		out += fmt.Sprintf(", %d leave", s.Leaves)
	}
	return out
}
