package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"staleproof/scenarios/prove"
)

// reused is three builds of which the third uses the first one's name again, for
// other bytes.
func reused(t *testing.T) []string {
	return []string{
		hashedBuild(t, "r1", "a1b2c3d4", nil), hashedBuild(t, "r2", "b2c3d4e5", nil),
		hashedBuild(t, "r3", "a1b2c3d4", map[string]string{"assets/lazy-a1b2c3d4.js": "export default 3"}),
	}
}

// TestProveChain: builds are proved as one sequence, too, which shows what no build
// over the one before it does.
func TestProveChain(t *testing.T) {
	h := []string{hashedBuild(t, "h1", "a1b2c3d4", nil), hashedBuild(t, "h2", "b2c3d4e5", nil), hashedBuild(t, "h3", "c3d4e5f6", nil)}
	var many []string
	for i := range 9 {
		many = append(many, queryBuild(t, fmt.Sprint(i+1)))
	}
	rows := []struct {
		name    string
		args    []string
		refuted bool
		want    []string
		not     []string
	}{
		{"nothing is used again", append([]string{"--mode", "leaf first"}, h...), false,
			[]string{"h1 to h3, the whole chain", "nothing: whatever the chain shows"}, []string{"✗"}},
		{"T15 over three builds", append([]string{"--mode", "leaf first"}, reused(t)...), true,
			[]string{"r1 to r3, the whole chain", "lazy chunk: name.hash, one URL ✗ STALE", "What failed: assumption A5", "What only the chain shows", "one URL for two files: S1 STALE, sticky, with 1 of the deploys"}, []string{"nothing: whatever"}},
		{"pairs alone", append([]string{"--pairs", "--mode", "leaf first"}, reused(t)...), false, nil, []string{"the whole chain", "✗"}},
		{"rollback with a new id", append([]string{"--mode", "atomic, rollback"}, many[:3]...), true,
			[]string{"rollback, new id", "the old build made once more", "~ STALE"}, nil},
		{"a bound that is reached", append([]string{"--mode", "atomic, rollback", "--fail-on", "unknown"}, many...), true,
			[]string{"? UNKNOWN", "site has 9 builds, want 2 to 8"}, nil},
		{"a tab of release 1 in release 3", append([]string{"--visitors", "old tab", "--mode", "upload, invalidate, prune", "--strategy", "lazy", "--fail-on", "missing"}, h...), true,
			[]string{"~ MISSING", "Visitors: old tab"}, nil},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			out, errs, err := run(t, append([]string{"prove", "--no-color"}, r.args...)...)
			if refuted(err) != r.refuted || err != nil && !refuted(err) {
				t.Errorf("error %v, refuted: want %v\n%s%s", err, r.refuted, out, errs)
			}
			text := strings.Join(strings.Fields(out), " ")
			for _, want := range r.want {
				if !strings.Contains(text, want) {
					t.Errorf("not said: %s\n%s", want, out)
				}
			}
			for _, not := range r.not {
				if strings.Contains(strings.ReplaceAll(text, "✗ REFUTED", ""), not) {
					t.Errorf("said: %s\n%s", not, out)
				}
			}
		})
	}
}

// TestChainForMachines: a chain's counterexamples are in the JSON and the HTML, and
// replay plays those that were saved.
func TestChainForMachines(t *testing.T) {
	dir := t.TempDir()
	page, traces := filepath.Join(dir, "r.html"), filepath.Join(dir, "traces")
	out, _, err := run(t, append([]string{"prove", "--json", "--html", page, "--save-traces", traces, "--mode", "atomic, rollback"}, reused(t)...)...)
	if !refuted(err) {
		t.Fatalf("error %v, want refuted", err)
	}
	var r struct {
		Grids []struct {
			CDN   string
			Modes []string
			Cells [][]struct {
				Deploy   prove.Deploy
				Verdicts []struct{ Status prove.Status }
			}
		}
		Figures []struct{}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Grids) != 3 || len(r.Figures) != 2 || !slices.Equal(r.Grids[2].Modes, []string{"atomic, rollback", "atomic, rollback, new id"}) {
		t.Fatalf("got %+v", r)
	}
	if d := r.Grids[2].Cells[0][1].Deploy; len(d.Site.Builds) != 4 || len(d.Mode.Steps) != 3 || d.Mode.Steps[2].Build != 4 || !slices.Equal(d.Visitors, []prove.Kind{prove.Returning, prove.Fresh}) {
		t.Errorf("deploy %+v", d)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "the whole chain") {
		t.Errorf("the page does not tell of the chain: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(traces, "*one-url-for-two-files-atomic-rollback-new-id-s1*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces of the chain: %v", err)
	}
	if out, _, err := run(t, append([]string{"replay", "--on", "values,edge"}, files...)...); err != nil {
		t.Errorf("replay: %v\n%s", err, out)
	}
}
