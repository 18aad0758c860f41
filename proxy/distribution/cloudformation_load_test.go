package distribution

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const oneStack = `{"Resources": {"Web": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {
  "Enabled": true, "Comment": {"Fn::Sub": "${AWS::StackName} in ${AWS::Region} of ${AWS::AccountId}"},
  "Origins": [{"Id": "app", "DomainName": "app.example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"}}],
  "DefaultCacheBehavior": {"TargetOriginId": "app", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}
}}}}}`

// TestLoad reads folders as cdk synth writes them. [CFG-14], [CFG-26]
func TestLoad(t *testing.T) {
	const manifest = `{"version": "38.0.0", "artifacts": {
	  "Site.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Site.assets.json"}},
	  "Site": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "Site.template.json"}},
	  "Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
	  "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}
	}}`
	const stage = `{"artifacts": {"ProdSite": {"type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-west-1",
	  "properties": {"templateFile": "ProdSite.template.json", "stackName": "Prod-Site"}}}}`
	for _, row := range []struct {
		name     string
		files    map[string]string
		comments []string
		err      string
	}{
		{"stacks of a manifest, and those of a stage", map[string]string{
			"manifest.json": manifest, "Site.template.json": oneStack, "assembly-Prod/manifest.json": stage, "assembly-Prod/ProdSite.template.json": oneStack,
			"Unlisted.template.json": "not read", "asset.1/index.html": "", "tree.json": "not read",
		}, []string{"Prod-Site in eu-west-1 of 111111111111", "Site in us-east-1 of 123456789012"}, ""},
		{"templates without a manifest", map[string]string{"B.template.json": oneStack, "A.template.json": oneStack, "A.assets.json": "not read"},
			[]string{"A in us-east-1 of 123456789012", "B in us-east-1 of 123456789012"}, ""},
		{"nothing of the kind", map[string]string{"index.html": ""}, nil,
			"cdk.out: a folder without manifest.json or *.template.json; hint: give the folder that cdk synth writes (cdk.out), or name the files"},
		{"no stack", map[string]string{"manifest.json": `{"artifacts": {}}`}, nil, "cdk.out/manifest.json: no stack in it; hint: run cdk synth again, or name the template"},
		{"a manifest cut short", map[string]string{"manifest.json": manifest[:100]}, nil, "cdk.out/manifest.json: not a manifest: unexpected end of JSON input; hint: run cdk synth again"},
		{"a template that is gone", map[string]string{"manifest.json": manifest, "assembly-Prod/manifest.json": stage}, nil, "open cdk.out/assembly-Prod/ProdSite.template.json: file does not exist"},
		{"a file elsewhere", map[string]string{"manifest.json": `{"artifacts": {"X": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../secret.json"}}}}`}, nil,
			`cdk.out/manifest.json: artifacts.X: "../secret.json" is no file of this folder`},
		{"an assembly within itself", map[string]string{"manifest.json": `{"artifacts": {"X": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}`}, nil,
			"cdk.out: more than 8 assemblies within each other"},
		{"a template cut short", map[string]string{"Site.template.json": oneStack[:200]}, nil, "cdk.out/Site.template.json:2: the JSON ends too early"},
		{"more templates than are read", copies(maxTemplates + 1), nil, "cdk.out: more than 200 templates; hint: name those that are meant"},
		{"a template larger than is read", map[string]string{"Big.template.json": strings.Repeat(" ", maxJSONBytes+1)}, nil, "cdk.out/Big.template.json: larger than the 4 MiB that are read of a file"},
	} {
		t.Run(row.name, func(t *testing.T) {
			folder := fstest.MapFS{}
			for name, text := range row.files {
				folder["cdk.out/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			sources, err := Load(folder.Open, "cdk.out")
			var ds []*Distribution
			if err == nil {
				ds, _, err = ReadSources(sources)
			}
			var comments []string
			for _, d := range ds {
				comments = append(comments, d.Comment)
			}
			if fmt.Sprint(err) != cmpErr(row.err) || !slices.Equal(comments, row.comments) {
				t.Errorf("%v: got %q, %v, want %q, %s", slices.Sorted(maps.Keys(row.files)), comments, err, row.comments, cmpErr(row.err))
			}
		})
	}
}

// cmpErr is how fmt shows an error, or that there is none.
func cmpErr(s string) string {
	if s == "" {
		return "<nil>"
	}
	return s
}

func copies(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("S%d.template.json", i)] = oneStack
	}
	return files
}

// endless is a file without end.
type endless struct{ read int }

func (*endless) Stat() (fs.FileInfo, error) { return info{}, nil }
func (*endless) Close() error               { return nil }
func (e *endless) Read(b []byte) (int, error) {
	e.read += len(b)
	return len(b), nil
}

type info struct{}

func (info) Name() string       { return "endless" }
func (info) Size() int64        { return 200 << 20 }
func (info) Mode() fs.FileMode  { return 0 }
func (info) ModTime() time.Time { return time.Time{} }
func (info) IsDir() bool        { return false }
func (info) Sys() any           { return nil }

func TestLoadReadsNoMoreThanIsTaken(t *testing.T) {
	file := &endless{}
	_, err := Load(func(string) (fs.File, error) { return file, nil }, "big.json")
	if want := "big.json: larger than the 4 MiB that are read of a file"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if file.read > 2*maxJSONBytes {
		t.Errorf("%d bytes were read, want about %d", file.read, maxJSONBytes)
	}
}

func TestReadImports(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       Imports
		err        string
	}{
		{"a map in YAML", "host: app.example.com\nport: 80\n", Imports{"host": "app.example.com", "port": "80"}, ""},
		{"what list-exports prints", `{"Exports": [{"ExportingStackId": "arn:x", "Name": "a", "Value": "b"}]}`, Imports{"a": "b"}, ""},
		{"a list", "[a]", nil, "imports:1: is a list, want a map"},
		{"nothing", "", nil, "imports: want one map of export names to values, or the output of aws cloudformation list-exports"},
		{"a list as a value", "a: [b]", nil, "imports:1: a: is a list, want text"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := ReadImports(Source{Name: "imports", Data: []byte(row.text)})
			if fmt.Sprint(err) != cmpErr(row.err) || err == nil && !maps.Equal(got, row.want) {
				t.Errorf("%q: got %v, %v, want %v, %s", row.text, got, err, row.want, cmpErr(row.err))
			}
		})
	}
}

func TestParametersAsAFlag(t *testing.T) {
	var p Parameters
	for _, row := range []struct{ text, err string }{
		{"A=1", "<nil>"}, {"A=1", "<nil>"}, {"B=x=y,z", "<nil>"}, {"C=", "<nil>"},
		{"A=2", "parameter A is given twice"}, {"D", `"D" is not NAME=VALUE`}, {"=x", `"=x" is not NAME=VALUE`},
	} {
		if err := p.Set(row.text); fmt.Sprint(err) != row.err {
			t.Errorf("Set(%q): %v, want %s", row.text, err, row.err)
		}
	}
	if got, want := p.String(), "A=1 B=x=y,z C="; got != want {
		t.Errorf("the parameters are %q, want %q", got, want)
	}
}

func TestStackNames(t *testing.T) {
	for _, row := range []struct{ file, want string }{
		{"site.template.json", "site"}, {"/a/b/My_Stack.yaml", "My-Stack"}, {`C:\cfn\site.yml`, "site"},
		{"2024.yaml", "stack-2024"}, {".yaml", "yaml"}, {"…", "stack"},
		{strings.Repeat("a", 200), strings.Repeat("a", 128)},
	} {
		if got := (Source{Name: row.file}).stack().Name; got != row.want {
			t.Errorf("the stack of %s is %s, want %s", row.file, got, row.want)
		}
	}
}
