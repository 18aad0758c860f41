package command

import (
	"io"

	"golang.org/x/term"
)

// terminal reports whether w is a terminal, and how many columns it has; 0 if it does
// not say.
func terminal(w io.Writer) (columns int, is bool) {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return columns, true
}
