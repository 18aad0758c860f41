package report

import (
	"fmt"
	"io"
	"strings"

	"staleproof/scenarios/prove"
)

// Markdown writes the table and the shortest counterexample for the step summary of a
// GitHub workflow, far below its limit of 1 MiB.
func Markdown(w io.Writer, r Report) error {
	var out strings.Builder
	fmt.Fprintf(&out, "## %s\n\n", mark(r.title()))
	if r.About != "" {
		fmt.Fprintf(&out, "%s\n\n", mark(r.About))
	}
	n := count(r.Grids)
	fmt.Fprintf(&out, "%d of %d proved, %d refuted and sticky, %d refuted and passing, %d unknown.\n", n.Proved, n.Cells, n.Sticky, n.Passing, n.Unknown)
	for _, g := range r.Grids {
		out.WriteString("\n")
		if r.single() {
			markVerdicts(&out, g.Cells[0][0])
		} else {
			markTable(&out, g)
		}
		if e, ok := Shortest(g, r.Tell...); ok {
			markExample(&out, g, e)
		}
	}
	markSections(&out, r.Sections)
	_, err := io.WriteString(w, out.String())
	return err
}

func markTable(out *strings.Builder, g prove.Grid) {
	if g.CDN != "" {
		fmt.Fprintf(out, "### CDN %s\n\n", mark(g.CDN))
	}
	out.WriteString("| |")
	for _, m := range g.Modes {
		fmt.Fprintf(out, " %s |", mark(m))
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(g.Modes)) + "\n")
	for i, s := range g.Strategies {
		fmt.Fprintf(out, "| **%s** |", mark(s))
		for _, c := range row(g, i) {
			fmt.Fprintf(out, " %s |", markOutcome(OutcomeOf(c)))
		}
		out.WriteString("\n")
	}
	out.WriteString("\n✅ proved · ❌ refuted, sticky: it stays wrong after the deploy · 🟡 refuted, passing: only visits that overlap the deploy · ❔ unknown")
	if starred(g) {
		out.WriteString(" · \\* something that no single view shows is not proved")
	}
	out.WriteString("\n")
}

func markOutcome(o Outcome) string {
	sign := "❌"
	switch {
	case o.Status == prove.Proved:
		sign = "✅"
	case o.Status == prove.Unknown:
		sign = "❔"
	case !o.Sticky:
		sign = "🟡"
	}
	return sign + " " + mark(o.Word())
}

func markVerdicts(out *strings.Builder, c prove.Cell) {
	fmt.Fprintf(out, "### %s, deployed as “%s”\n\n| property | verdict | |\n|---|---|---|\n", mark(c.Strategy), mark(c.Mode))
	for _, v := range c.Verdicts {
		o := Outcome{Status: v.Status, Class: v.Class, Sticky: v.Sticky}
		text := ""
		switch v.Status {
		case prove.Refuted:
			text = how(v.Sticky) + ": " + classWords(v.Class)
		case prove.Unknown:
			text = v.Cause
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", mark(string(v.Property)+" "+v.Property.Title()), markOutcome(o), mark(text))
	}
	if len(c.Verdicts) > 0 {
		fmt.Fprintf(out, "\n%s. Assumptions: %s.\n", mark(c.Verdicts[0].Method), mark(assumptions(c.Verdicts[0])))
	}
}

func markExample(out *strings.Builder, g prove.Grid, e Example) {
	s := tell(e.Verdict.Trace)
	fmt.Fprintf(out, "\n### The shortest counterexample\n\n**%s** deployed as “%s”: %s, %s, %s.\n\n",
		mark(e.Cell.Strategy), mark(e.Cell.Mode), mark(string(e.Verdict.Class)), how(e.Verdict.Sticky), events(e.Verdict.Trace))
	for i, l := range s.lines {
		text := mark(l.Text)
		if l.Bad {
			text = "❌ **" + text + "**"
		}
		fmt.Fprintf(out, "%d. %s\n", i+1, text)
	}
	fmt.Fprintf(out, "\n**What this means:** %s\n\n**Versioned paths:** %s\n", mark(meaning(e.Verdict, s)), mark(beside(g, e)))
	if a := failed(e.Verdict); a != "" {
		fmt.Fprintf(out, "\n**What failed:** %s\n", mark(a))
	}
	if e.Verdict.Repair != "" {
		fmt.Fprintf(out, "\n**Cheapest repair:** %s\n", mark(e.Verdict.Repair))
	}
}

// mark escapes text for GitHub's Markdown: no markup, no HTML, no mentions, issue
// numbers or links, and no end of a table cell.
func mark(s string) string {
	var out strings.Builder
	for _, r := range strings.ReplaceAll(clean(s), "://", ":\x00//") {
		switch {
		case r == 0:
			out.WriteString("<!-- -->") // parts https://, which would be linked
		case strings.ContainsRune("\\`*_{}[]()#+!|~>$^-=", r):
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '<':
			out.WriteString("&lt;")
		case r == '&':
			out.WriteString("&amp;")
		case r == '@':
			out.WriteString("@<!-- -->") // parts @name, which would be a mention
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
