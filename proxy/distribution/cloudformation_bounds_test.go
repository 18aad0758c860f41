package distribution

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// web is a template around a value of a distribution, and what stands beside it.
func web(value, beside string) string {
	return `{` + beside + ` "Resources": {"Web": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Comment": ` + value + `}}}}}`
}

// repeated joins n texts made by a format with their number.
func repeated(n int, format, separator string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(format, "NEXT", fmt.Sprint(i+1)), "THIS", fmt.Sprint(i)))
	}
	return b.String()
}

// TestHostileTemplates: each ends in one error, in little memory and time.
func TestHostileTemplates(t *testing.T) {
	parameter := func(size int) string {
		return `"Parameters": {"P": {"Type": "String", "Default": "` + strings.Repeat("x", size) + `"}},`
	}
	chain := `"Conditions": {` + repeated(20_000, `"CTHIS": {"Condition": "CNEXT"}`, ",") + `},`
	var doubling []Source
	for i := range 60 {
		doubling = append(doubling, Source{Name: fmt.Sprintf("s%d.json", i), Data: []byte(fmt.Sprintf(
			`{"Resources": {"Web": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Comment": {"Fn::ImportValue": "E%d"}}}}},
			 "Outputs": {"O": {"Export": {"Name": "E%d"}, "Value": {"Fn::Join": ["", [{"Fn::ImportValue": "E%d"}, {"Fn::ImportValue": "E%d"}]]}}}}`, i+1, i, i+1, i+1))})
	}
	one := func(text string) []Source { return []Source{{Name: "in", Data: []byte(text)}} }
	for _, row := range []struct {
		name    string
		sources []Source
		want    string
	}{
		{"a text made large", one(web(`{"Fn::Sub": "`+strings.Repeat("${P}", 10_000)+`"}`, parameter(10_000))), "Fn::Sub makes a text of more than 1048576 bytes"},
		{"texts made large", one(web(`[`+repeated(1000, `{"Fn::Sub": "${P}${P}"}`, ",")+`]`, parameter(100_000))), "make more text than the 16 MiB that are worked out"},
		{"lists made large", one(web(`[`+repeated(1000, `{"Fn::Split": [",", {"Ref": "P"}]}`, ",")+`]`,
			`"Parameters": {"P": {"Type": "String", "Default": "`+strings.Repeat("a,", 1000)+`"}},`)), "more than 200000 values"},
		{"a join of joins", one(web(`{"Fn::Join": ["`+strings.Repeat("x", 100_000)+`", [`+repeated(1000, `"a"`, ",")+`]]}`, "")), "Fn::Join makes a text of more than 1048576 bytes"},
		{"conditions one through the other", one(web(`{"Fn::If": ["C0", "a", "b"]}`, chain)), "lead through one another"},
		{"stacks that double", doubling, "no export named E60 found"},
		{"resources in a long circle", one(`{"Resources": {` + repeated(20_000, `"RTHIS": {"Type": "X", "DependsOn": "RNEXT"}`, ",") + `, "R20000": {"Type": "X", "DependsOn": "R0"}}}`), "circular dependency between resources: [R0, R1, R2"},
		{"a pattern that is slow elsewhere", one(`{"Resources": {"T": {"Type": "X"}}, "Parameters": {"P": {"Type": "String", "Default": "` + strings.Repeat("a", 50_000) + `!", "AllowedPattern": "(a+)+"}}}`), "must match the pattern"},
		{"functions in functions", one(web(strings.Repeat(`{"Fn::Base64": `, 70)+`"a"`+strings.Repeat("}", 70), "")), "nested more than 64 levels deep"},
		{"tags in tags", one("Resources:\n  A: " + strings.Repeat("!Not [", 70) + "a" + strings.Repeat("]", 70)), "nested more than 64 levels deep"},
		{"an alias bomb in a template", one("Resources: {}\n" + bombOf(12)), "more than 200000 values"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, _, err := ReadSources(row.sources)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("the error is %.300v, want one that says %q", err, row.want)
			} else if line, _, _ := strings.Cut(err.Error(), "\n"); len(line) > 1200 {
				t.Errorf("the error has %d characters", len(line))
			}
			mb := (after.TotalAlloc - before.TotalAlloc) >> 20
			if mb > 256 {
				t.Errorf("it took %d MB, want at most 256 (%v)", mb, took)
			}
		})
	}
}

// bombOf are n lists of ten aliases each of the one before.
func bombOf(n int) string {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < n; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return bomb
}
