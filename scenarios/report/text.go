package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"staleproof/scenarios/prove"
)

// TextOptions says how [Text] writes. The zero value is plain text of 100 columns.
type TextOptions struct {
	Colour bool // SGR colours; symbols and words say the same without
	Width  int  // columns; default 100, 40 to 200
}

// TextFor returns what fits where text goes: colour on a terminal, unless NO_COLOR is
// set to anything or TERM is dumb [no-color.org]; the columns it has, 0 if nobody knows,
// or what COLUMNS says, at most 100. getenv is os.Getenv.
func TextFor(terminal bool, columns int, getenv func(string) string) TextOptions {
	o := TextOptions{Width: 100}
	if columns > 0 {
		o.Width = min(columns, 100)
	}
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		o.Width = min(n, 100)
	}
	o.Colour = terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	return o
}

// Text writes a table for each grid and the shortest counterexample in plain words;
// for a single deploy a line for each property instead of the table.
func Text(w io.Writer, r Report, o TextOptions) error {
	if o.Width == 0 {
		o.Width = 100
	}
	p := printer{width: min(max(o.Width, 40), 200), colour: o.Colour}
	p.head(clean(r.title()))
	if r.About != "" {
		p.wrap("", clean(r.About))
	}
	if !r.single() {
		p.wrap("", summary(count(r.Grids)))
	}
	for _, g := range r.Grids {
		p.line("")
		if r.single() {
			p.verdicts(g.Cells[0][0])
		} else {
			p.table(g)
		}
		if e, ok := Shortest(g, r.Tell...); ok {
			p.line("")
			p.example(g, e)
		}
	}
	p.sections(r.Sections)
	_, err := io.WriteString(w, p.out.String())
	return err
}

const (
	bold   = "1"
	green  = "32"
	red    = "1;31"
	yellow = "33"
	dim    = "2"
)

// printer gathers text of a width.
type printer struct {
	out    strings.Builder
	width  int
	colour bool
}

func (p *printer) line(s string) { p.out.WriteString(strings.TrimRight(s, " ") + "\n") }

func (p *printer) paint(style, s string) string {
	if !p.colour || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// head writes a heading.
func (p *printer) head(text string) {
	for _, l := range wrapped(text, p.width) {
		p.line(p.paint(bold, l))
	}
}

// wrap writes text with a first indent; further lines are indented as far.
func (p *printer) wrap(first, text string) {
	for i, l := range wrapped(text, p.width-utf8.RuneCountInString(first)) {
		if i > 0 {
			first = strings.Repeat(" ", utf8.RuneCountInString(first))
		}
		p.line(first + l)
	}
}

// wrapped breaks text into lines of at most width runes; a word that is longer is
// broken, too.
func wrapped(text string, width int) []string {
	width = max(width, 8)
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for utf8.RuneCountInString(word) > width {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			r := []rune(word)
			lines, word = append(lines, string(r[:width])), string(r[width:])
		}
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// clean makes text safe for a terminal: control characters, which could move its
// cursor or set its title, become visible.
func clean(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			out.WriteByte(' ')
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			fmt.Fprintf(&out, "\\u%04x", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// symbol and style of an outcome.
func symbol(o Outcome) (sign, style string) {
	switch {
	case o.Status == prove.Proved:
		return "✓", green
	case o.Status == prove.Unknown:
		return "?", yellow
	case o.Sticky:
		return "✗", red
	}
	return "~", yellow
}

// example tells the shortest counterexample.
func (p *printer) example(g prove.Grid, e Example) {
	s := tell(e.Verdict.Trace)
	p.wrap("", p.heading(e))
	p.line("")
	for _, l := range s.lines {
		first := fmt.Sprintf("%3s. ", strings.TrimSuffix(l.Number, ", later"))
		if strings.HasSuffix(l.Number, "later") {
			first = "     "
		}
		if l.Bad {
			first = p.paint(red, "✗") + first[1:]
			for _, t := range wrapped(clean(l.Text), p.width-5) {
				p.line(first + p.paint(red, t))
				first = "     "
			}
			continue
		}
		p.wrap(first, clean(l.Text))
	}
	p.line("")
	p.wrap("What this means: ", clean(meaning(e.Verdict, s)))
	p.line("")
	p.wrap("Versioned paths: ", clean(beside(g, e)))
	if a := failed(e.Verdict); a != "" {
		p.line("")
		p.wrap("What failed: ", clean(a))
	}
	if e.Verdict.Repair != "" {
		p.line("")
		p.wrap("Cheapest repair: ", clean(e.Verdict.Repair))
	}
}

func (p *printer) heading(e Example) string {
	return clean(fmt.Sprintf("The shortest counterexample: “%s” deployed as “%s” (%s, %s, %s)",
		e.Cell.Strategy, e.Cell.Mode, e.Verdict.Class, how(e.Verdict.Sticky), events(e.Verdict.Trace)))
}

// events counts what happens in a trace, as expectations do: without the arrivals of
// answers.
func events(t prove.Trace) string {
	if t.Count == 1 {
		return "1 event"
	}
	return fmt.Sprintf("%d events", t.Count)
}

// verdicts writes a line for each verdict of a single deploy, and what a proof rests
// on.
func (p *printer) verdicts(c prove.Cell) {
	name := strings.Trim(c.Strategy+", deployed as “"+c.Mode+"”", ", ")
	p.head(clean(name))
	for _, v := range c.Verdicts {
		o := Outcome{Status: v.Status, Class: v.Class, Sticky: v.Sticky}
		sign, style := symbol(o)
		text := v.Property.Title()
		switch v.Status {
		case prove.Refuted:
			text += fmt.Sprintf(": %s, %s: %s", v.Class, how(v.Sticky), classWords(v.Class))
			if v.Who != "" {
				text += "; hit: " + v.Who
			}
		case prove.Unknown:
			text += ": " + v.Cause
		}
		first := p.paint(style, sign+" "+pad(clean(string(v.Status)), 9))
		for _, l := range wrapped(clean(text), p.width-11) {
			p.line(first + l)
			first = strings.Repeat(" ", 11)
		}
	}
	if len(c.Verdicts) > 0 {
		v := c.Verdicts[0]
		p.line("")
		p.wrap("How: ", clean(v.Method))
		p.wrap("Assumptions: ", clean(assumptions(v)))
	}
}

// assumptions lists the assumptions by whether they hold.
func assumptions(v prove.Verdict) string {
	by := map[prove.Truth][]string{}
	for _, a := range v.Assumptions {
		by[a.Holds] = append(by[a.Holds], a.ID)
	}
	var parts []string
	for _, t := range []prove.Truth{prove.Holds, prove.Broken, prove.Undecided} {
		if len(by[t]) > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", t, strings.Join(by[t], " ")))
		}
	}
	if len(parts) == 0 {
		return "none evaluated"
	}
	return strings.Join(parts, "; ")
}
