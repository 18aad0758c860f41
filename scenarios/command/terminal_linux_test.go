package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"
)

// pseudoTerminal is one of so many columns.
func pseudoTerminal(t *testing.T, columns int) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	return tty
}

// TestTerminal: what is one, and how wide; a device that is none, as /dev/null, is not.
func TestTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, r := range []struct {
		name    string
		w       io.Writer
		columns int
		is      bool
	}{
		{"80 columns", pseudoTerminal(t, 80), 80, true},
		{"40 columns", pseudoTerminal(t, 40), 40, true},
		{"no size", pseudoTerminal(t, 0), 0, true},
		{"a device", null, 0, false},
		{"a buffer", new(strings.Builder), 0, false},
	} {
		if columns, is := terminal(r.w); columns != r.columns || is != r.is {
			t.Errorf("%s: got %d, %v, want %d, %v", r.name, columns, is, r.columns, r.is)
		}
	}
}

// TestProveOnATerminal: the report is as wide as what it is shown on.
func TestProveOnATerminal(t *testing.T) {
	t.Setenv("COLUMNS", "")
	t.Setenv("TMPDIR", t.TempDir())
	tty := pseudoTerminal(t, 40)
	var out strings.Builder
	app := &cli.App{Name: "staleproof", Commands: Commands(), Writer: both{tty, &out}, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}}
	if err := app.RunContext(t.Context(), []string{"staleproof", "prove", "--strategy", "real", "--no-color", "--html", filepath.Join(t.TempDir(), "r")}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "PROVED") {
		t.Fatalf("no table:\n%s", out.String())
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 40 && !strings.HasPrefix(line, "The whole report") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestReadingIsShown: how far a large build is read shows on a terminal, and neither
// elsewhere, nor beside JSON, nor for a small one.
func TestReadingIsShown(t *testing.T) {
	d := t.TempDir()
	large, small := filepath.Join(d, "large"), write(t, filepath.Join(d, "small"), map[string]string{"index.html": "hello"})
	for i := range 20 {
		write(t, small, map[string]string{fmt.Sprintf("p%d.html", i): "hello"})
	}
	for i := range manyFiles {
		write(t, large, map[string]string{fmt.Sprintf("p%d.html", i): "hello"})
	}
	for _, r := range []struct {
		name  string
		args  []string
		tty   bool
		shown bool
	}{
		{"a large build", []string{"audit", large}, true, true},
		{"beside JSON", []string{"audit", "--json", large}, true, false},
		{"elsewhere", []string{"audit", large}, false, false},
		{"a small build", []string{"audit", small}, true, false},
		{"for prove", []string{"prove", large, small}, true, true},
	} {
		var errs strings.Builder
		w := io.Writer(&errs)
		if r.tty {
			w = both{pseudoTerminal(t, 80), &errs}
		}
		app := &cli.App{Name: "staleproof", Commands: Commands(), Writer: io.Discard, ErrWriter: w, ExitErrHandler: func(*cli.Context, error) {}}
		app.RunContext(t.Context(), append([]string{"staleproof"}, r.args...))
		if got := strings.Contains(errs.String(), "reading large ") && strings.Contains(errs.String(), "searching large ") && strings.Contains(errs.String(), "(1/2000)"); got != r.shown || !r.shown && errs.String() != "" {
			t.Errorf("%s: shown %v, want %v: %q", r.name, got, r.shown, errs.String())
		}
	}
}

// both is a terminal that nobody reads from, and what would have been written to it.
type both struct {
	tty *os.File
	io.Writer
}

func (b both) Fd() uintptr { return b.tty.Fd() }
