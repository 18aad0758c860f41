package distribution

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestHostileFiles: each is refused, in little memory. The bound is on what is
// allocated in all.
func TestHostileFiles(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	for _, row := range []struct{ name, text, want string }{
		{"too much YAML", strings.Repeat("a: b\n", 60<<10), "are more than the 262144 that are read of a YAML file"},
		{"too much JSON", `{"a":"` + strings.Repeat("b", 4<<20) + `"}`, "are more than the 4194304 that are read of a JSON file"},
		{"too many lines", strings.Repeat("#\n", 10_001), "10001 lines are more than the 10000 that are read of a YAML file"},
		{"an alias bomb", bomb, "more than 200000 values"},
		{"a merge bomb", "a: &a {b: 1}\nb: &b {<<: *a, c: *a}\n" + strings.ReplaceAll(bomb, "[x,", "[*b,"), "more than 200000 values"},
		{"flow lists in lists", strings.Repeat("[", 100_000), "nested more than 64 levels deep"},
		{"flow maps in maps", strings.Repeat("{a: ", 50_000), "nested more than 64 levels deep"},
		{"block lists in lists", strings.Repeat("- ", 100_000) + "a", "nested more than 64 levels deep"},
		{"keys without end", strings.Repeat("? ", 100_000) + "a", "nested more than 64 levels deep"},
		{"tags without end", strings.Repeat("!a ", 80_000) + "a", "nested more than 64 levels deep"},
		{"JSON lists in lists", `{"a":` + strings.Repeat("[", 1_000_000), "nested more than 64 levels deep"},
		{"JSON objects in objects", strings.Repeat(`{"a":`, 500_000), "nested more than 64 levels deep"},
		{"JSON with a million values", `{"a":[` + strings.Repeat("1,", 1_000_000) + "1]}", "more than 200000 values"},
		{"deep blocks", deepBlocks(300), "nested more than 64 levels deep"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var before, after runtime.MemStats
			data := []byte(row.text)
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, _, err := Read("in", data)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), row.want) || len(err.Error()) > 300 {
				t.Errorf("the error is %.300v, want one that says %q", err, row.want)
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 256 {
				t.Errorf("it took %d MB, want at most 256 (%v)", mb, time.Since(began))
			}
		})
	}
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
