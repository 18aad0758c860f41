package command

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// reading is a context with the flags of a configuration.
func reading(t *testing.T, args ...string) *cli.Context {
	t.Helper()
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	for _, f := range []cli.Flag{parameterFlag(), importsFlag()} {
		if err := f.Apply(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return cli.NewContext(nil, set, nil)
}

const templateText = `Parameters: {Hosts: {Type: CommaDelimitedList}}
Resources:
  Web:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Aliases: !Ref Hosts
        Comment: !ImportValue said
        Origins: [{Id: app, DomainName: app.example.com, CustomOriginConfig: {OriginProtocolPolicy: http-only}}]
        DefaultCacheBehavior: {TargetOriginId: app, ViewerProtocolPolicy: allow-all, CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6}
`

func TestReadConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"site.yaml": templateText, "imports.json": `{"said": "imported"}`, "bad.json": `[1]`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site, imports := filepath.Join(dir, "site.yaml"), filepath.Join(dir, "imports.json")
	for _, row := range []struct {
		name, file string
		args       []string
		want       string // of the error; "": none
	}{
		{"a list as a parameter, and imports", site, []string{"--parameter", "Hosts=a.example.com,b.example.com", "--imports", imports}, ""},
		{"no value for a parameter", site, []string{"--imports", imports}, "site.yaml:8: Resources.Web.Properties.DistributionConfig.Aliases: parameters [Hosts] must have values"},
		{"no such export", site, []string{"--parameter", "Hosts=a.example.com"}, "no export named said found"},
		{"imports that are none", site, []string{"--imports", filepath.Join(dir, "bad.json")}, "read the imports: " + filepath.Join(dir, "bad.json")},
		{"no such imports", site, []string{"--imports", filepath.Join(dir, "none")}, "no such file"},
		{"no such file", filepath.Join(dir, "none"), nil, "no such file"},
		{"a folder of something else", dir, nil, "without manifest.json or *.template.json"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ds, _, err := readConfiguration(reading(t, row.args...), []string{row.file})
			if row.want != "" {
				if err == nil || !strings.Contains(err.Error(), row.want) {
					t.Errorf("the error is %v, want one that says %q", err, row.want)
				}
				return
			}
			if err != nil || len(ds) != 1 || strings.Join(ds[0].Aliases, " ") != "a.example.com b.example.com" || ds[0].Comment != "imported" {
				t.Errorf("%s with %q is read as %+v, %v", row.file, row.args, ds, err)
			}
		})
	}
}
