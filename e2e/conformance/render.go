package main

import (
	"fmt"
	"path"
	"strings"
)

const preamble = `# Conformance

Written by ` + "`make conformance`" + `, which runs every test named here; do not edit. It says how far
staleproof can be trusted: each row of the ledgers in [cloudfront/](cloudfront/) with what the
ledger rests on, a test that would fail if the row were false here, and whether it passed.

*Mark*: [doc] documented, [obs] observed on the real service, [inf] inferred by us; with D-n, sources
disagree and the other reading is a switch ([EMULATION.md](EMULATION.md)). *Core* rows are marked
with an asterisk. A row that passes is true of staleproof; whether it is true of CloudFront rests on its mark.

Every row of the caching ledger has a test with its name, or a reason to wait. Of the other ledgers a row counts as shown
when a test has it in its name, in its comment, or in what it says when it fails; all others are counted as what they are.

`

// shownTests is how many tests of a row are named.
const shownTests = 2

// totals are counts of rows. Those that are not shown are in one of the last three.
type totals struct{ rows, core, shown, later, absent, foreign int }

func (c *corpora) tally(rows []row, shown map[string][]string) totals {
	t := totals{rows: len(rows)}
	for _, r := range rows {
		if r.core {
			t.core++
		}
		switch {
		case len(shown[r.id]) > 0:
			t.shown++
		case r.why(c.refused) == others:
			t.foreign++
		case strings.HasPrefix(r.why(c.refused), "not emulated"):
			t.absent++
		default:
			t.later++
		}
	}
	return t
}

// render writes the document.
func render(c *corpora, shown map[string][]string, fronts []played) string {
	var b strings.Builder
	b.WriteString(preamble)
	b.WriteString("| ledger | rows | pass | not covered | not emulated | not applicable |\n|---|---|---|---|---|---|\n")
	for _, l := range append([]*ledger{c.caching}, c.others...) {
		t, name := c.tally(l.rows, shown), path.Base(l.file)
		fmt.Fprintf(&b, "| [%s](cloudfront/%s) | %d | %d | %d | %d | %d |\n", strings.TrimSuffix(name, ".md"), name, t.rows, t.shown, t.later, t.absent, t.foreign)
	}
	b.WriteString("\nThrough our front and through net/http alone, with the same results, reasons, fields and bytes ([FRONTS.md](FRONTS.md)):\n\n")
	b.WriteString("| played through each front | how many |\n|---|---|\n")
	for _, p := range fronts {
		fmt.Fprintf(&b, "| %s | %d |\n", p.what, p.n)
	}
	b.WriteString("\n# Caching\n\n")
	c.summary(&b, shown)
	c.sections(&b, c.caching, shown)
	for _, l := range c.others {
		name := strings.TrimSuffix(path.Base(l.file), ".md")
		fmt.Fprintf(&b, "\n# %s\n", strings.ToUpper(name[:1])+strings.ReplaceAll(name[1:], "-", " "))
		c.sections(&b, l, shown)
	}
	return b.String()
}

// summary is the caching ledger by sections and marks.
func (c *corpora) summary(b *strings.Builder, shown map[string][]string) {
	b.WriteString("| section | rows | core | pass | not yet |\n|---|---|---|---|---|\n")
	for _, s := range c.caching.sections {
		if len(s.rows) > 0 {
			t := c.tally(s.rows, shown)
			fmt.Fprintf(b, "| %s | %d | %d | %d | %d |\n", s.title, t.rows, t.core, t.shown, t.rows-t.shown)
		}
	}
	t := c.tally(c.caching.rows, shown)
	fmt.Fprintf(b, "| **the numbered rows** | **%d** | **%d** | **%d** | **%d** |\n", t.rows, t.core, t.shown, t.rows-t.shown)
	for _, mark := range []string{"[doc]", "[obs]", "[inf]"} {
		var of []row
		for _, r := range c.caching.rows {
			if strings.Contains(r.marks, mark) {
				of = append(of, r)
			}
		}
		t := c.tally(of, shown)
		fmt.Fprintf(b, "| marked %s | %d | %d | %d | %d |\n", mark, t.rows, t.core, t.shown, t.rows-t.shown)
	}
}

func (c *corpora) sections(b *strings.Builder, l *ledger, shown map[string][]string) {
	for _, s := range l.sections {
		if len(s.rows) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n## %s\n\n| id | core | mark | test | state |\n|---|---|---|---|---|\n", s.title)
		for _, r := range s.rows {
			b.WriteString(c.line(r, shown[r.id]))
		}
	}
}

func (c *corpora) line(r row, tests []string) string {
	core, marks := "", r.marks
	if r.core {
		core = "*"
	}
	if r.disputed != "" {
		marks += " " + r.disputed
	}
	var named []string
	for i, t := range tests {
		if i == shownTests {
			named = append(named, fmt.Sprintf("and %d more", len(tests)-i))
			break
		}
		named = append(named, "`"+strings.NewReplacer("|", "¦", "`", "'").Replace(t)+"`")
	}
	state := "pass"
	switch {
	case len(tests) > 0:
	case strings.HasPrefix(r.id, "D-"), strings.HasPrefix(r.id, "unknown"):
		state = "see [EMULATION.md](EMULATION.md)"
	case later[r.id] != "":
		state = "not yet: " + later[r.id]
	default:
		state = r.why(c.refused)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", strings.TrimPrefix(r.id, requests), core, marks, strings.Join(named, "; "), state)
}
