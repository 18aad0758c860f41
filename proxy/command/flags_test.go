package command

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestFlagMistakes: each is a sentence in the words of the help, and the hint names the
// help that has the flag.
func TestFlagMistakes(t *testing.T) {
	for _, r := range []struct{ args, says, hint string }{
		{"serve --frob", "there is no flag --frob", "staleproof serve --help lists the flags"},
		{"group one --frob=1", "there is no flag --frob", "staleproof group one --help lists the flags"},
		{"serve -x", "there is no flag -x", "staleproof serve --help lists the flags"},
		{"--frob", "there is no flag --frob", "staleproof --help lists commands and flags"},
		{"serve --pops x", `--pops "x": want a whole number`, "staleproof serve --help lists the flags"},
		{"serve --memory 99999999999999999999", `--memory "99999999999999999999": want a whole number`, "staleproof serve --help lists the flags"},
		{"group one --after 1", `--after "1": want a time such as 90s, 30m or 24h`, "staleproof group one --help lists the flags"},
		{"serve --regional=perhaps", `--regional "perhaps": want nothing, or true or false`, "staleproof serve --help lists the flags"},
		{"convert --parameter Stage x.yaml", `--parameter "Stage": "Stage" is not NAME=VALUE`, "staleproof convert --help lists the flags"},
		{"keys --limit", "flag needs an argument: -limit", "staleproof keys --help lists the flags"},
		{"serve --state= --origin . --front nope", "--state is empty", "leave it out, or give it a value"},
		{"serve --origin= --front nope", "--origin is empty", "leave it out, or give it a value"},
		{"group one --name=", "--name is empty", "leave it out, or give it a value"},
	} {
		group := &cli.Command{Name: "group", Subcommands: []*cli.Command{{Name: "one", Flags: []cli.Flag{
			&cli.DurationFlag{Name: "after"}, &cli.StringFlag{Name: "name"}, &cli.StringFlag{Name: "door", EnvVars: []string{"DOOR"}},
		}}}}
		app := &cli.App{Name: "staleproof", Commands: Checked(append(Commands(), group)), OnUsageError: Misused, Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}}
		err := app.Run(append([]string{"staleproof"}, strings.Fields(r.args)...))
		var told usage
		if !errors.As(err, &told) || err.Error() != r.says || told.hint != r.hint {
			t.Errorf("%s:\ngot  %v, hint %q\nwant %s, hint %q", r.args, err, told.hint, r.says, r.hint)
		}
	}
}

// TestOutputThatIsLost: the first error is remembered.
func TestOutputThatIsLost(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	out := &Output{File: w}
	if _, err := io.WriteString(out, "heard"); err != nil || out.Lost() != nil {
		t.Fatal(err, out.Lost())
	}
	r.Close() // nobody reads
	io.WriteString(out, "lost")
	if err := out.Lost(); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("got %v, want %v", err, syscall.EPIPE)
	}
}

// TestHelpNamesValues: what a flag takes has a name in the help, as in --pops N.
func TestHelpNamesValues(t *testing.T) {
	for _, c := range Commands() {
		for _, f := range c.Flags {
			if f, ok := f.(cli.DocGenerationFlag); ok && f.TakesValue() && !strings.Contains(f.GetUsage(), "`") {
				t.Errorf("%s --%s: %s", c.Name, f.(cli.Flag).Names()[0], f.GetUsage())
			}
		}
	}
}
