package distribution

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxErrors is how many mistakes of one reading are reported.
const maxErrors = 20

// Error renders e on one line: file:line: path: what (code); hint: what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ":")
		if e.Line > 0 {
			fmt.Fprintf(&b, "%d:", e.Line)
		}
		b.WriteByte(' ')
	} else if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.What)
	if e.Code != "" {
		b.WriteString(" (" + e.Code + ")")
	}
	if e.Hint != "" {
		b.WriteString("; hint: " + e.Hint)
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// Errors are all mistakes found in one reading, at most 20, in order of file and
// line. Each is found by errors.As.
type Errors []*Error

// Error renders one mistake a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As and errors.Is look at each mistake.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// joined turns what was found into an error: nil for nothing. The same mistake
// reached by two ways, a policy used twice, is reported once.
func joined(found []*Error) error {
	if len(found) == 0 {
		return nil
	}
	var es Errors
	for _, e := range found {
		if !slices.ContainsFunc(es, func(o *Error) bool { return *o == *e }) {
			es = append(es, e)
		}
		if len(es) == maxErrors {
			break
		}
	}
	order := map[string]int{} // of files
	for _, e := range es {
		if _, ok := order[e.File]; !ok {
			order[e.File] = len(order)
		}
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(order[a.File]-order[b.File], a.Line-b.Line)
	})
	return es
}
