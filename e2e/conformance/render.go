package main

import (
	"fmt"
	"strings"
)

const preamble = `# Conformance

Written by ` + "`make conformance`" + `, which runs every test named here; do not edit. It says how far
staleproof can be trusted: each row of [the caching ledger](cloudfront/caching.md) with what the
ledger rests on, a test that would fail if the row were false here, and whether it passed.

*Mark*: [doc] documented, [obs] observed on the real service, [inf] inferred by us; with D-n, sources
disagree and the other reading is a switch ([EMULATION.md](EMULATION.md)). *Core* rows are marked
with an asterisk. A row that passes is true of staleproof; whether it is true of CloudFront rests on its mark.

`

// shownTests is how many tests of a row are named.
const shownTests = 2

type totals struct{ rows, core, shown, later int }

func tally(rows []row, shown map[string][]string) totals {
	t := totals{rows: len(rows)}
	for _, r := range rows {
		if r.core {
			t.core++
		}
		if len(shown[r.id]) > 0 {
			t.shown++
		} else {
			t.later++
		}
	}
	return t
}

// render writes the document.
func render(l *ledger, shown map[string][]string) string {
	var b strings.Builder
	b.WriteString(preamble)
	b.WriteString("| section | rows | core | pass | not yet |\n|---|---|---|---|---|\n")
	for _, s := range l.sections {
		if len(s.rows) > 0 {
			t := tally(s.rows, shown)
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", s.title, t.rows, t.core, t.shown, t.later)
		}
	}
	t := tally(l.rows, shown)
	fmt.Fprintf(&b, "| **the numbered rows** | **%d** | **%d** | **%d** | **%d** |\n", t.rows, t.core, t.shown, t.later)
	for _, mark := range []string{"[doc]", "[obs]", "[inf]"} {
		var of []row
		for _, r := range l.rows {
			if strings.Contains(r.marks, mark) {
				of = append(of, r)
			}
		}
		t := tally(of, shown)
		fmt.Fprintf(&b, "| marked %s | %d | %d | %d | %d |\n", mark, t.rows, t.core, t.shown, t.later)
	}
	for _, s := range l.sections {
		if len(s.rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| id | core | mark | test | state |\n|---|---|---|---|---|\n", s.title)
		for _, r := range s.rows {
			b.WriteString(line(r, shown[r.id]))
		}
	}
	return b.String()
}

func line(r row, tests []string) string {
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
	if len(tests) == 0 {
		state = "not yet: " + later[r.id]
		if strings.HasPrefix(r.id, "D-") || strings.HasPrefix(r.id, "unknown") {
			state = "see [EMULATION.md](EMULATION.md)"
		}
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", r.id, core, marks, strings.Join(named, "; "), state)
}
