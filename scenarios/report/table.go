package report

import (
	"strings"
	"unicode/utf8"

	"staleproof/scenarios/prove"
)

// cellWidth is the widest cell, "✗ STALEPAGE", and a gap.
const cellWidth = 12

// table writes the cells of a grid, strategies down and modes across, in as many
// blocks as the width asks for.
func (p *printer) table(g prove.Grid) {
	label := 8
	for _, s := range g.Strategies {
		label = max(label, utf8.RuneCountInString(clean(s))+2)
	}
	label = min(label, p.width/3)
	fit := max(1, (p.width-label)/cellWidth)
	blocks := max(1, (len(g.Modes)+fit-1)/fit)
	each := max(1, (len(g.Modes)+blocks-1)/blocks) // blocks of about the same width
	if g.CDN != "" {
		p.head("Strategy and deploy, CDN " + clean(g.CDN))
	}
	for from := 0; from < max(1, len(g.Modes)); from += each {
		to := min(from+each, len(g.Modes))
		if from > 0 {
			p.line("")
		}
		p.heads(label, g.Modes[from:to])
		for i, s := range g.Strategies {
			cells := row(g, i)
			p.row(label, s, cells[min(from, len(cells)):min(to, len(cells))])
		}
	}
	p.line("")
	p.legend(starred(g))
}

// heads writes the names of modes, wrapped, standing on the line below.
func (p *printer) heads(label int, modes []string) {
	var columns [][]string
	height := 1
	for _, m := range modes {
		c := wrapped(clean(m), cellWidth-1)
		columns = append(columns, c)
		height = max(height, len(c))
	}
	for l := range height {
		text := strings.Repeat(" ", label)
		for _, c := range columns {
			word := ""
			if i := l - (height - len(c)); i >= 0 {
				word = c[i]
			}
			text += pad(word, cellWidth)
		}
		p.line(p.paint(dim, strings.TrimRight(text, " ")))
	}
	p.line(p.paint(dim, strings.Repeat("─", label+len(modes)*cellWidth-1)))
}

func (p *printer) row(label int, name string, cells []prove.Cell) {
	names := wrapped(clean(name), label-2)
	text := pad(names[0], label)
	for _, c := range cells {
		o := OutcomeOf(c)
		sign, style := symbol(o)
		word := sign + " " + clean(o.Word())
		text += p.paint(style, word) + strings.Repeat(" ", max(1, cellWidth-utf8.RuneCountInString(word)))
	}
	p.line(text)
	for _, n := range names[1:] {
		p.line(n)
	}
}

func (p *printer) legend(starred bool) {
	rows := []struct{ style, sign, text string }{
		{green, "✓", "PROVED for any number of visitors; docs/PROVER.md says under which assumptions"},
		{red, "✗", "REFUTED, sticky: it stays wrong for visitors who come after the deploy"},
		{yellow, "~", "REFUTED, passing: only visits that overlap the deploy are hit"},
		{yellow, "?", "UNKNOWN: a bound was reached, or the provers disagree"},
	}
	if starred {
		rows = append(rows, struct{ style, sign, text string }{dim, "*", "something that no single view shows is not proved, as a page that goes back (FLIP)"})
	}
	for _, r := range rows {
		for i, l := range wrapped(r.text, p.width-4) {
			if i == 0 {
				p.line(p.paint(r.style, r.sign) + "  " + l)
			} else {
				p.line("   " + l)
			}
		}
	}
	var words []string
	for _, c := range severity {
		words = append(words, string(c)+" "+classWords(c))
	}
	p.wrap("   ", strings.Join(words, " · "))
}

// starred says whether a cell of the grid has a star.
func starred(g prove.Grid) bool {
	for _, row := range g.Cells {
		for _, c := range row {
			if strings.HasSuffix(OutcomeOf(c).Word(), "*") {
				return true
			}
		}
	}
	return false
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
