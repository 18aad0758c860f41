package distribution

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// numbered is n texts one after the other, each with its number, with commas between.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// hostilePlan is a plan of one distribution with n behaviors that refer to a policy
// of n instances, by way of expressions of a given kind.
func hostilePlan(n int, references string) string {
	return `{"format_version":"1.2","planned_values":{"root_module":{"resources":[
{"address":"d","mode":"managed","type":"aws_cloudfront_distribution","name":"d","values":{"ordered_cache_behavior":[` + numbered(n, `{"path_pattern":"/#"}`) + `]}},` +
		numbered(n, `{"address":"p#","mode":"managed","type":"aws_cloudfront_cache_policy","name":"p","index":#,"values":{"name":"n#"}}`) + `]}},
"resource_changes":[{"address":"d","change":{"after_unknown":{"ordered_cache_behavior":[` + numbered(n, `{"cache_policy_id":true}`) + `]}}}],
"configuration":{"root_module":{"resources":[{"mode":"managed","type":"aws_cloudfront_distribution","name":"d","expressions":{"ordered_cache_behavior":[` +
		numbered(n, `{"cache_policy_id":{"references":[`+references+`]}}`) + `]}}]}}}`
}

// TestHostilePlans: each is refused, in little memory. The bound is on what is
// allocated in all.
func TestHostilePlans(t *testing.T) {
	const head = `{"format_version":"1.2","planned_values":{"root_module":`
	fan := `{"module_calls":{"m":{"expressions":{"v":{"references":[` + numbered(40, `"module.m.o"`) + `]}},"module":{"outputs":{"o":{"expression":{"references":[` + numbered(40, `"var.v"`) + `]}}}}}},` +
		`"resources":[{"mode":"managed","type":"aws_cloudfront_distribution","name":"d","expressions":{"comment":{"references":["module.m.o"]}}}]}`
	for _, row := range []struct{ name, text, want string }{
		{"too much", `{"format_version":"1.2","a":"` + strings.Repeat("b", maxPlanBytes) + `"}`, "are more than the 33554432 that are read"},
		{"cut in what is passed over", `{"format_version":"1.2","a":"` + strings.Repeat("b", 16<<20), "the JSON ends too early"},
		{"deep in what is passed over", `{"format_version":"1.2","a":` + strings.Repeat("[", 1_000_000), "exceeded max depth"},
		{"deep in what is read", head + strings.Repeat(`{"child_modules":[`, 100_000), "nested more than 64 levels deep"},
		{"a million values", head + `{"resources":[` + strings.Repeat("1,", 1_000_000) + `1]}}}`, "more than 200000 values"},
		{"20,000 policies", head + `{"resources":[` + numbered(20_000, `{"address":"p#","mode":"managed","type":"aws_cloudfront_cache_policy","name":"p","index":#,"values":{"name":"n#"}}`) + `]}}}`, "more than 1000 distributions and policies"},
		{"5,000 behaviors", hostilePlan(5000, `"aws_cloudfront_cache_policy.p"`), "5000 blocks are more than 300"},
		{"references to all of many", hostilePlan(299, numbered(40, `"aws_cloudfront_cache_policy.p"`)), "known after apply only: it is of aws_cloudfront_cache_policy.p;"},
		{"references that fan out in a circle", head + `{"resources":[{"address":"d","mode":"managed","type":"aws_cloudfront_distribution","name":"d","values":{}},` +
			numbered(2, `{"address":"e#","mode":"managed","type":"aws_cloudfront_distribution","name":"e","values":{}}`) + `],"child_modules":[{"address":"module.m"}]}},` +
			`"resource_changes":[{"address":"d","change":{"after_unknown":{"comment":true}}}],"configuration":{"root_module":` + fan + `}}`, "too many references"},
		{"nothing", `{"format_version":"1.2"}`, "neither planned_values nor values"},
		{"a raw state", `{"version":4,"terraform_version":"1.11.4","resources":[]}`, "terraform show -json"},
		{"other types everywhere", `{"format_version":"1.2","planned_values":[],"resource_changes":{"a":1},"configuration":"x"}`, "neither planned_values nor values"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var before, after runtime.MemStats
			data := []byte(row.text)
			runtime.ReadMemStats(&before)
			_, _, err := Read("in", data)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("the error is %.300v, want one that says %q", err, row.want)
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 256 {
				t.Errorf("it took %d MB, want at most 256", mb)
			}
		})
	}
}

// A large plan of other things is read: what is passed over costs no values.
func TestLargePlan(t *testing.T) {
	b, err := os.ReadFile("testdata/terraform/shop/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	others := numbered(20_000, `{"address":"aws_iam_role.r[#]","mode":"managed","type":"aws_iam_role","name":"r","index":#,"values":{"policy":"`+strings.Repeat("x", 500)+`"}}`)
	large := bytes.Replace(b, []byte(`"root_module":{"resources":[`), []byte(`"root_module":{"resources":[`+others+`,`), 1)
	if len(large) < 10<<20 {
		t.Fatalf("the plan has only %d bytes", len(large))
	}
	d, notes, err := Read("plan.json", large)
	if err != nil || len(d.Behaviors) != 3 || !strings.Contains(fmt.Sprint(notes), "skipped: aws_iam_role (20000)") {
		t.Errorf("got %+v, %v, %v", d, notes, err)
	}
}

// Whatever stands where something else is wanted, it is refused or read, and no
// other file's fault.
func TestWrongTypesInPlans(t *testing.T) {
	files, _ := filepath.Glob("testdata/terraform/*/*.json")
	var trees []any
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(b, &tree); err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
	}
	wrong := []any{nil, true, 1.5, "text", []any{}, []any{map[string]any{}}, map[string]any{}, map[string]any{"a": nil}}
	rapid.Check(t, func(t *rapid.T) {
		b, err := json.Marshal(withWrong(t, rapid.SampledFrom(trees).Draw(t, "plan"), rapid.SampledFrom(wrong).Draw(t, "wrong")))
		if err != nil {
			t.Fatal(err)
		}
		b = append([]byte(`{"format_version":"1.2",`), b[1:]...)
		readOrRefused(t, b)
	})
}

// References that name nothing lead nowhere.
func TestReferencesToNothing(t *testing.T) {
	for _, ref := range []string{"", ".", "..", "[", "[]", `[""]`, "data", "data.", "module", "module.", "var", "var.", "each", "a", "a."} {
		p := &plan{r: &reader{}, byAddress: map[string]*resource{}, named: map[blockName][]*resource{}}
		if got := p.source(ref, scope{in: &module{}}, 0); len(got) > 0 && got[0].resource != nil {
			t.Errorf("%q leads to %v", ref, got)
		}
	}
}

// withWrong is a copy of a tree with another value somewhere below the root.
func withWrong(t *rapid.T, tree, wrong any) any {
	switch v := tree.(type) {
	case map[string]any:
		if len(v) == 0 || rapid.IntRange(0, 19).Draw(t, "here") == 0 && v["format_version"] == nil {
			return wrong
		}
		out := map[string]any{}
		var keys []string
		for k, x := range v {
			if out[k] = x; k != "format_version" {
				keys = append(keys, k)
			}
		}
		delete(out, "format_version")
		if len(keys) > 0 {
			k := rapid.SampledFrom(slices.Sorted(slices.Values(keys))).Draw(t, "key")
			out[k] = withWrong(t, v[k], wrong)
		}
		return out
	case []any:
		if len(v) == 0 {
			return wrong
		}
		out := append([]any{}, v...)
		i := rapid.IntRange(0, len(v)-1).Draw(t, "item")
		out[i] = withWrong(t, v[i], wrong)
		return out
	}
	return wrong
}

// readOrRefused reads bytes as a file: an error is an [Errors] that names it, and
// what is read passes its own check and can be written in both ways.
func readOrRefused(t interface {
	Helper()
	Fatalf(string, ...any)
}, b []byte) {
	t.Helper()
	ds, _, err := ReadSources([]Source{{Name: "in", Data: b}})
	if err != nil {
		var es Errors
		if !errors.As(err, &es) || len(es) == 0 || len(es) > maxErrors || es[0].File != "in" || strings.Contains(es[0].Error(), "\n") {
			t.Fatalf("%q: the error %v is not an Errors that names the file", b, err)
		}
		return
	}
	for _, d := range ds {
		if err := d.Check(); err != nil {
			t.Fatalf("%q: read, but %v", b, err)
		}
	}
	if again, _, err := ReadSources([]Source{{Name: "in", Data: YAML(ds...)}}); err != nil || !reflect.DeepEqual(again, ds) {
		t.Fatalf("%q: written as\n%s\nit is another: %v", b, YAML(ds...), err)
	}
	text, _ := AWS(ds...)
	again, _, err := ReadSources([]Source{{Name: "in", Data: text}})
	if err != nil || len(again) != len(ds) {
		t.Fatalf("%q: written as\n%s\nit is another: %v", b, text, err)
	}
}

// FuzzTerraform reads anything that begins as a plan does. Its seeds, in
// testdata/fuzz, are those of testdata/terraform without what is not read.
func FuzzTerraform(f *testing.F) {
	f.Add([]byte(`{"format_version":"1.2","values":{"root_module":{}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<15 || !isPlan(b) {
			return // what is large is bounded by rows, not by chance
		}
		readOrRefused(t, b)
	})
}
