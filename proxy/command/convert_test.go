package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// run runs a command as the program would, and gives what it prints.
func run(args ...string) (out, errors string, err error) {
	var o, e bytes.Buffer
	app := &cli.App{Name: "staleproof", Writer: &o, ErrWriter: &e, Commands: []*cli.Command{convertCommand()}, ExitErrHandler: func(*cli.Context, error) {}}
	err = app.Run(append([]string{"staleproof"}, args...))
	return o.String(), e.String(), err
}

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	ours := "id: E1A2B3C4D5E6F7\ndomain: d111111abcdef8.cloudfront.net\norigins:\n  web:\n    domain: web.example.com\n" +
		"defaultCacheBehavior:\n  origin: web\n  policy:\n    id: \"11111111-2222-3333-4444-555555555555\"\n    name: pages\n    minTTL: 0s\n    defaultTTL: 1m\n    maxTTL: 1h\n"
	template := "Resources: {}\n"
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	site, local := file("site.yaml", ours), file("local.yaml", strings.Replace(ours, "    domain: web", "    url: http://127.0.0.1:3000\n    domain: web", 1))
	aws, _, err := run("convert", "--to", "aws", site)
	if err != nil || !strings.Contains(aws, `"DistributionConfig": {`) || !strings.Contains(aws, `"CachePolicyConfig": {`) {
		t.Fatalf("to AWS: %v\n%s", err, aws)
	}
	back := file("site.json", aws)
	for _, row := range []struct {
		name              string
		args              []string
		out, noted, wrong string
	}{
		{"ours as ours", []string{site}, ours, "", ""},
		{"AWS's as ours", []string{back}, ours, "", ""},
		{"AWS's as AWS's", []string{"--to=aws", back}, aws, "", ""},
		{"the flag behind the file", []string{site, "--to", "aws"}, aws, "", ""},
		{"the flag behind the file, in one", []string{site, "--to=aws"}, aws, "", ""},
		{"what AWS cannot say", []string{"--to", "aws", local}, aws, "staleproof: note: origins.web.url: AWS has no such setting: left out, the origin is web.example.com\n", ""},
		{"no file", nil, "", "", "convert needs a file"},
		{"no such file", []string{filepath.Join(dir, "none")}, "", "", "no such file"},
		{"no such format", []string{"--to", "xml", site}, "", "", "--to xml is no format"},
		{"no such flag", []string{site, "--too", "aws"}, "", "", "no such flag"},
		{"the standard input", []string{"-"}, "", "", "- is no file"},
		{"help at the end", []string{site, "--help"}, "", "", "--help stands after an argument"},
		{"a flag without value", []string{site, "--to"}, "", "", "--to has no value"},
		{"nothing in it", []string{file("empty.yaml", template)}, "", "", "no distribution in it"},
		{"one of two is wrong", []string{site, file("wrong.yaml", "origins: {}\n")}, "", "", "wrong.yaml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, noted, err := run(append([]string{"convert"}, row.args...)...)
			if out != row.out || noted != row.noted || (err == nil) != (row.wrong == "") || err != nil && !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("convert %q prints\n%s%s%v\nwant\n%s%s%s", row.args, out, noted, err, row.out, row.noted, row.wrong)
			}
		})
	}
}
