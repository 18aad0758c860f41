package prove

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"staleproof/cachepolicy"
)

var update = flag.Bool("update", false, "rewrite testdata/matrix.txt")

// grids are the K columns within default bounds, worked out once for all tests.
var grids = func() (out [8]func() Grid) {
	for n := range out {
		out[n] = sync.OnceValue(func() Grid { return grid(n, Bounds{}) })
	}
	return out
}()

func grid(n int, b Bounds) Grid {
	return Matrix(context.Background(), K(n), Deploy{Visitors: KVisitors(n)}, nil, nil, b, nil)
}

func cells(g Grid) map[string][]string {
	out := map[string][]string{}
	for _, row := range g.Cells {
		for _, c := range row {
			out[c.Strategy] = append(out[c.Strategy], c.Letters)
		}
	}
	return out
}

func readPublished(t *testing.T, file string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for s := bufio.NewScanner(strings.NewReader(string(b))); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		name, rest, _ := strings.Cut(s.Text(), "|")
		for cell := range strings.SplitSeq(rest, "|") {
			out[strings.TrimSpace(name)] = append(out[strings.TrimSpace(name)], strings.TrimSpace(cell))
		}
	}
	return out
}

// TestPublishedK1 compares every cell with the published matrix.
func TestPublishedK1(t *testing.T) {
	want := readPublished(t, "testdata/published-K1.txt")
	got := cells(grids[1]())
	for _, s := range Strategies() {
		for i, m := range Modes() {
			if len(want[s.Name]) != len(Modes()) || got[s.Name][i] != want[s.Name][i] {
				t.Errorf("%s / %s: got %s, want %v", s.Name, m.Name, got[s.Name][i], want[s.Name])
			}
		}
	}
}

// TestMatrix compares all seven columns with a committed table, so that a cell
// that changes in either direction is seen.
func TestMatrix(t *testing.T) {
	var out strings.Builder
	for n := 1; n <= 7; n++ {
		fmt.Fprintf(&out, "# K%d\n%s\n", n, table(grids[n]()))
		if n == 2 || n == 5 {
			fmt.Fprintf(&out, "# K%d, explorer without evictions; ?: the fixpoint does not exclude more\n%s\n", n, table(grid(n, Bounds{Exact: true})))
		}
	}
	const file = "testdata/matrix.txt"
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, at(b, i), at(a, i))
		}
	}
}

func table(g Grid) string {
	var out strings.Builder
	for i, row := range g.Cells {
		line := fmt.Sprintf("%-22s", g.Strategies[i])
		for _, c := range row {
			line += fmt.Sprintf(" | %-5s", c.Letters)
		}
		out.WriteString(strings.TrimSpace(line) + "\n")
	}
	return out.String()
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// TestPublishedColumns checks what is published about K2 to K7 in words.
func TestPublishedColumns(t *testing.T) {
	got := map[int]map[string][]string{}
	for n := 1; n <= 7; n++ {
		got[n] = cells(grids[n]())
	}
	invalidated := []int{1, 5, 7, 10} // modes with an invalidation after the switch
	versioned := []string{"?v everywhere", "?hash everywhere", "/v/ rewritten"}
	check := func(what string, n int, s string, mode int, ok bool) {
		if !ok {
			t.Errorf("K%d %s / %s: %s: got %s", n, s, Modes()[mode].Name, what, got[n][s][mode])
		}
	}
	for _, s := range Strategies() {
		query := s.Version == InQuery || s.Version == InQueryHash
		safe := (s.Version == InDir || s.Version == InName) && !s.NestedBare
		for i := range Modes() {
			k2, k5 := got[2][s.Name][i], got[5][s.Name][i]
			check("P appears in every row", 2, s.Name, i, strings.Contains(k2, "P"))
			if safe {
				missing := slices.Contains([]int{2, 5, 6, 7}, i)
				check("real and hash become P, MP for html first, prune and rolling", 2, s.Name, i, k2 == map[bool]string{true: "MP", false: "P"}[missing])
			}
			if s.Version == InNothing || s.NestedBare && query {
				check("the rest is SAP when eviction is possible", 2, s.Name, i, k2 == "SAP")
			}
			if query {
				check("query rows are plain", 3, s.Name, i, got[3][s.Name][i] == got[3]["plain"][i])
			}
			check("browser caches leave the letters of K1", 4, s.Name, i, got[4][s.Name][i] == got[1][s.Name][i])
			if slices.Contains(invalidated, i) {
				check("no capital is left when late fills are dropped", 5, s.Name, i, k5 == strings.ToLower(k5))
			} else {
				check("without a final invalidation nothing changes", 5, s.Name, i, k5 == k2)
			}
			if slices.Contains(versioned, s.Name) {
				capital := slices.Contains([]int{2, 6, 7, 9, 10}, i)
				check("m, and M when html first, rolling or rollback", 6, s.Name, i, got[6][s.Name][i] == map[bool]string{true: "M", false: "m"}[capital])
				check("m everywhere", 7, s.Name, i, got[7][s.Name][i] == "m")
			}
		}
	}
}

// TestWithoutCollapsing: when cookies are forwarded nobody waits for another's
// answer [COLL-04], several flights for one key race, and the letters of K1 are
// the same.
func TestWithoutCollapsing(t *testing.T) {
	c := K(1)
	c.Behaviors[1].Terms.OriginRequest.Cookies = cachepolicy.Selection{Mode: cachepolicy.All}
	alone, together := Matrix(context.Background(), c, Deploy{}, nil, nil, Bounds{}, nil), grids[1]()
	states := [2]int{}
	for i, row := range alone.Cells {
		for j, cell := range row {
			other := together.Cells[i][j]
			states[0], states[1] = states[0]+cell.States, states[1]+other.States
			if cell.Letters != other.Letters {
				t.Errorf("%s / %s: %s without collapsing, %s with", cell.Strategy, cell.Mode, cell.Letters, other.Letters)
			}
		}
	}
	if states[0] <= states[1] {
		t.Errorf("%d states without collapsing, %d with", states[0], states[1])
	}
}
