package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"staleproof/proxy/distribution"
)

// Error is one mistake in a file: where it is, what is wrong, and the line as it
// stands there.
type Error struct {
	File  string
	Line  int    // 1-based; 0: the file as a whole
	Path  string // of the setting, "steps[2].expect"; may be empty
	What  string
	Shown string // the line
}

// Error renders e as file:line: path: what, and the line below.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File + ":")
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:", e.Line)
	}
	b.WriteByte(' ')
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.What)
	if e.Shown != "" {
		fmt.Fprintf(&b, "\n%6d | %s", e.Line, e.Shown)
	}
	return b.String()
}

// maxMistakes is how many mistakes of one file are reported.
const maxMistakes = 10

// maxShownLine is how much of a line is shown, in characters.
const maxShownLine = 160

// mistakes collects what is wrong with one file.
type mistakes struct {
	file  string
	lines []string
	found []*Error
}

func newMistakes(file string, b []byte) *mistakes {
	return &mistakes{file: file, lines: strings.Split(string(b), "\n")}
}

func (m *mistakes) add(line int, path, format string, args ...any) {
	m.found = append(m.found, &Error{
		File: m.file, Line: line, Path: path, What: fmt.Sprintf(format, args...), Shown: m.line(line),
	})
}

func (m *mistakes) line(n int) string {
	if n < 1 || n > len(m.lines) {
		return ""
	}
	line := []rune(strings.TrimRight(m.lines[n-1], " \r\t"))
	if len(line) > maxShownLine {
		line = append(line[:maxShownLine], '…')
	}
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) { // it could move the cursor of a terminal
			return '·'
		}
		return r
	}, string(line))
}

// distribution takes over what is wrong with the embedded distribution.
func (m *mistakes) distribution(err error) {
	var es distribution.Errors
	if !errors.As(err, &es) {
		m.add(0, "distribution", "%v", err)
		return
	}
	for _, e := range es {
		what := e.What
		if e.Hint != "" {
			what += "; hint: " + e.Hint
		}
		path := "distribution"
		if e.Path != "" {
			path += "." + e.Path
		}
		m.add(e.Line, path, "%s", what)
	}
}

// err is nil when nothing was found, and else all of it, in order of line.
func (m *mistakes) err() error {
	if len(m.found) == 0 {
		return nil
	}
	slices.SortStableFunc(m.found, func(a, b *Error) int { return a.Line - b.Line })
	if len(m.found) > maxMistakes {
		m.found = m.found[:maxMistakes]
	}
	all := make([]error, len(m.found))
	for i, e := range m.found {
		all[i] = e
	}
	return errors.Join(all...)
}
