package command

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
)

// TestWriteAside: a new file, one that is replaced, one behind a link; a pipe gets the
// bytes and stays a pipe, as a device does.
func TestWriteAside(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"old": "old"})
	in := func(name string) string { return filepath.Join(dir, name) }
	render := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	if err := os.Symlink("old", in("link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(in("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(in("pipe"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	for _, name := range []string{"fresh", "link", "pipe"} {
		if err := writeAside(in(name), render); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"fresh", "old"} {
		if b, err := os.ReadFile(in(name)); string(b) != "new" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	for name, kind := range map[string]os.FileMode{"link": os.ModeSymlink, "pipe": os.ModeNamedPipe} {
		if info, err := os.Lstat(in(name)); err != nil || info.Mode().Type() != kind {
			t.Fatalf("%s is no %v any more: %v, %v", name, kind, info.Mode(), err)
		}
	}
	want := "write " + in("") + ": is a directory"
	if err := writeAside(in(""), render); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	b := make([]byte, 3)
	if _, err := io.ReadFull(pipe, b); err != nil || string(b) != "new" {
		t.Errorf("the pipe got %q, %v", b, err)
	}
}

// TestProveChecksItsFiles: where nothing can be written is said before anything is
// proved, and nothing is left behind.
func TestProveChecksItsFiles(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"file": ""})
	for _, r := range []struct{ flag, name, says string }{
		{"--html", dir, "is a folder, and should be a file"},
		{"--junit", dir, "is a folder, and should be a file"},
		{"--html", dir + "/none/r.html", "cannot write to " + dir + "/none: no such file or directory"},
		{"--junit", dir + "/file/r.xml", "cannot write to " + dir + "/file: not a directory"},
		{"--save-traces", dir + "/file/traces", "not a directory"},
	} {
		out, errs, err := run(t, "prove", r.flag, r.name, "--strategy", "real", "--mode", "atomic")
		if err == nil || !strings.Contains(err.Error(), r.says) || out != "" || strings.Contains(errs, "proved") {
			t.Errorf("%s %s: %v, want %q\n%s%s", r.flag, r.name, err, r.says, out, errs)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// TestProveWithoutADefaultReport: a report that nobody asked for may be in somebody
// else's way, and the verdict still counts.
func TestProveWithoutADefaultReport(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	if err := os.Mkdir(defaultReport(), 0o700); err != nil { // in the way
		t.Fatal(err)
	}
	var out, errs strings.Builder
	q := question{html: defaultReport()}
	if err := q.write(&out, &errs, report.Report{}); err != nil || out.String() != "" {
		t.Errorf("%v, said %q", err, out.String())
	}
	if want := "staleproof: note: there is no report to open in a browser: write " + defaultReport(); !strings.HasPrefix(errs.String(), want) {
		t.Errorf("said %q, want %q", errs.String(), want)
	}
}

// TestSaveTracesWhollyOrNot: when one cannot be written, there are none.
func TestSaveTracesWhollyOrNot(t *testing.T) {
	grid := prove.Matrix(t.Context(), prove.K(1), prove.Deploy{Site: prove.SampleSite()}, prove.Strategies()[:1], prove.Modes()[:1], prove.Bounds{}, nil)
	first := t.TempDir()
	n, err := saveTraces(first, []prove.Grid{grid})
	if err != nil || n < 2 {
		t.Fatalf("%d, %v", n, err)
	}
	files, err := os.ReadDir(first)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, files[1].Name()), 0o700); err != nil { // in the way
		t.Fatal(err)
	}
	if _, err := saveTraces(dir, []prove.Grid{grid}); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
